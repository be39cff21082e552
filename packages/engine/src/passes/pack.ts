// graph -> graph: a value that products read may lie as they read it, in panels, where the backend has kernels for
// that: the product before writes it so, and elementwise ops in between go over it as it lies. Where something else
// makes the value, it is packed once, by a node, for all who read it. Both only where it costs less by the rates.
//
//   matmul(w, gelu(matmul(v, x)))   ->   matmul(v, x) into panels(24) -> gelu into panels(24) -> matmul(w, …)
import {
  host,
  isDense,
  makePattern,
  usersOf,
  type ApplyNode,
  type Format,
  type Graph,
  type Node,
  type NodeId,
  type OperandType,
  type Pattern,
  type Rates,
} from '@lacuna/ir';
import { linear, matmul, restrict } from '@lacuna/ops';
import type { Registry } from '../registry.js';
import { choose } from './choose.js';
import { rewrite } from './rewrite.js';
import { denseType, patternType, tensorType } from './types.js';
import { isView } from './view.js';

/** What the pass needs to know. */
export interface PackOptions {
  readonly registry: Registry;
  readonly rates: Rates;
  /** Formats of matrices that hold every number, in which kernels may read and write values. */
  readonly packed: readonly Format[];
}

/** Lays values out as the products that read them want them, where that costs less. */
export function pack(graph: Graph, options: PackOptions): Graph {
  if (options.packed.length === 0) return graph;
  const packer = new Packer(graph, options);
  for (const node of graph.nodes) packer.consider(node);
  const { into, before } = packer;
  if (into.size + before.size === 0) return graph;
  const made = new Map<NodeId, NodeId>();
  return rewrite(graph, (node, { builder, at }) => {
    const inputs = node.inputs.map((id) => {
      const pattern = id !== undefined && isProduct(node) ? before.get(id) : undefined;
      if (id === undefined || !pattern) return id === undefined ? undefined : at(id);
      if (!made.has(id)) {
        const name = `${graph.nodes[id]!.name}/packed`;
        made.set(id, builder.apply(restrict, [at(id)], {}, name, { into: pattern }));
      }
      return made.get(id)!;
    });
    const pattern = into.get(node.id);
    if (!pattern && inputs.every((id, k) => id === undefined || id === at(node.inputs[k]!)))
      return undefined;
    const emit = pattern ? { into: pattern } : node.emit;
    return builder.apply(node.op, inputs, node.attrs, node.name, emit);
  });
}

const isProduct = ({ op }: ApplyNode): boolean => op === matmul || op === linear;

class Packer {
  /** Nodes that are to emit into a pattern. */
  readonly into = new Map<NodeId, Pattern>();
  /** Values that products are to read packed, by a node before them. */
  readonly before = new Map<NodeId, Pattern>();
  readonly #graph: Graph;
  readonly #options: PackOptions;
  readonly #users: readonly (readonly ApplyNode[])[];
  readonly #results: ReadonlySet<NodeId>;

  constructor(graph: Graph, options: PackOptions) {
    [this.#graph, this.#options] = [graph, options];
    this.#users = usersOf(graph);
    this.#results = new Set(graph.outputs.map(({ node }) => node));
  }

  /** A value, and all nodes that must go along for products to read it packed. */
  consider(value: Node): void {
    const products = this.#users[value.id]!.filter(isProduct);
    if (products.length === 0 || !isMatrix(value)) return;
    const patterns = this.#options.packed.map((format) => makePattern(format, value.shape, []));
    const all = products.length === this.#users[value.id]!.length && !this.#results.has(value.id);
    const run = all ? this.#run(value) : undefined;
    if (run) {
      const best = this.#best([...run, ...products], run, patterns);
      if (best) for (const { id } of run) this.into.set(id, best);
      if (best) return;
    }
    const best = this.#best(products, [value], patterns, value);
    if (best) this.before.set(value.id, best);
  }

  /** The product that makes a value, and the elementwise ops in between, which nothing else reads. */
  #run(value: Node): readonly ApplyNode[] | undefined {
    if (value.kind !== 'apply' || value.emit) return undefined;
    if (isProduct(value)) return [value];
    const from = this.#graph.nodes[value.inputs[0] ?? 0]!;
    const alone = value.inputs.length === 1 && this.#users[from.id]!.length === 1;
    if (!alone || !this.#goesAlong(value) || !isMatrix(from) || this.#results.has(from.id))
      return undefined;
    const run = this.#run(from);
    return run && [...run, value];
  }

  #goesAlong(node: ApplyNode): boolean {
    const { pointwise, keepsPattern } = node.op.spec;
    return pointwise === true && !keepsPattern && !isView(this.#graph, node);
  }

  /** The pattern in which `nodes` take least if the values `lying` are in it, where that is less than if none is. */
  #best(
    nodes: readonly ApplyNode[],
    lying: readonly Node[],
    patterns: readonly Pattern[],
    packing?: Node,
  ): Pattern | undefined {
    const seconds = (pattern?: Pattern): number => {
      const first = pattern && packing ? this.#packing(packing, pattern) : 0;
      return nodes.reduce((sum, node) => sum + this.#seconds(node, lying, pattern), first);
    };
    let [best, least] = [undefined as Pattern | undefined, seconds()];
    for (const pattern of patterns) {
      const time = seconds(pattern);
      if (time < least) [best, least] = [pattern, time];
    }
    return best;
  }

  #seconds(node: ApplyNode, lying: readonly Node[], pattern: Pattern | undefined): number {
    const is = (id: NodeId): boolean => lying.some((value) => value.id === id);
    const offers = node.inputs.map((id) => {
      if (id === undefined) return undefined;
      const into = this.into.get(id) ?? (is(id) ? pattern : undefined);
      return { type: typeOf(this.#graph.nodes[id]!, into), also: [] };
    });
    const emits = pattern && is(node.id) ? { ...node, emit: { into: pattern } } : node;
    return choose(emits, offers, this.#options.registry, this.#options.rates).seconds;
  }

  #packing({ id, shape, dtype, name }: Node, into: Pattern): number {
    const at = this.#graph.nodes.length;
    const made = { kind: 'apply', id: at, name, shape, dtype } as const;
    const node: ApplyNode = { ...made, op: restrict, attrs: {}, inputs: [id], emit: { into } };
    const offers = [{ type: denseType(shape, dtype), also: [] }];
    return choose(node, offers, this.#options.registry, this.#options.rates).seconds;
  }
}

/** A value as an operand, in a pattern if it is to be in one. */
function typeOf(node: Node, into: Pattern | undefined): OperandType {
  if (into) return patternType(into, node.dtype);
  if (node.kind === 'constant') return tensorType(node.tensor);
  return node.kind === 'input' && node.pattern
    ? patternType(node.pattern, node.dtype)
    : denseType(node.shape, node.dtype);
}

/** A dense float32 matrix that a run makes, about which nothing is said. */
function isMatrix(node: Node): boolean {
  if (node.dtype !== 'float32' || node.shape.length !== 2) return false;
  if (node.kind === 'apply') return !node.emit;
  return node.kind === 'input' ? isDense(node.format) : node.tensor.home !== host;
}
