// graph -> placed graph: for every node a kernel and formats, by cost. Constants may change format where that
// loses nothing, which is done here, once; values that are made at run time change by nodes put in: densify
// before a kernel that wants dense, restrict after one that cannot emit into a pattern.
import {
  convert,
  formatOf,
  GraphBuilder,
  host,
  printFormat,
  SparseError,
  type ApplyNode,
  type ConstantNode,
  type Format,
  type FormatLike,
  type Graph,
  type NodeId,
  type OperandType,
  type Rates,
  type Tensor,
} from '@lacuna/ir';
import { densify, restrict } from '@lacuna/ops';
import type { Registry } from '../registry.js';
import { choose, type Choice, type Offer } from './choose.js';
import { denseType, isDenseType, patternType, tensorType } from './types.js';

/** A graph with a choice for every node that computes something. */
export interface Placed {
  readonly graph: Graph;
  readonly choices: ReadonlyMap<NodeId, Choice>;
  /** The type of every value. */
  readonly types: readonly OperandType[];
  /** The forms of constants that choices use, by node. */
  readonly constants: ReadonlyMap<NodeId, readonly Tensor[]>;
}

/** What `place` needs to know. */
export interface PlaceOptions {
  readonly registry: Registry;
  readonly rates: Rates;
  /** Formats that a dense constant may be stored in instead, where that is cheaper. */
  readonly candidates: readonly FormatLike[];
}

/** Whether a node is only its first input under another shape, in the same type. */
export function isView(
  graph: Pick<Graph, 'nodes'>,
  { op, inputs, attrs, dtype }: ApplyNode,
): boolean {
  const nodes = inputs.map((id) => (id === undefined ? undefined : graph.nodes[id]!));
  if (nodes[0]?.dtype !== dtype) return false;
  return (
    op.spec.view?.(
      nodes.map((node) => node?.shape),
      attrs,
    ) ?? false
  );
}

/** Chooses a kernel and formats for every node. */
export function place(graph: Graph, options: PlaceOptions): Placed {
  const placer = new Placer(options);
  const renamed: NodeId[] = [];
  for (const node of graph.nodes) {
    switch (node.kind) {
      case 'input':
        renamed.push(
          placer.add(
            placer.builder.input(node.name, node.shape, node.format, node.dtype, node.pattern),
            node.pattern
              ? patternType(node.pattern, node.dtype)
              : denseType(node.shape, node.dtype),
          ),
        );
        break;
      case 'constant':
        renamed.push(
          placer.add(placer.builder.constant(node.tensor, node.name), tensorType(node.tensor)),
        );
        break;
      case 'apply':
        renamed.push(
          placer.apply(
            node,
            node.inputs.map((id) => (id === undefined ? undefined : renamed[id])),
            isView(graph, node),
          ),
        );
        break;
      default:
        return node satisfies never;
    }
  }
  const outputs = graph.outputs.map((output) => ({ ...output, node: renamed[output.node]! }));
  const { choices, types, constants } = placer;
  return { graph: placer.builder.finish(outputs), choices, types, constants };
}

class Placer {
  readonly builder = new GraphBuilder();
  readonly types: OperandType[] = [];
  readonly choices = new Map<NodeId, Choice>();
  readonly constants = new Map<NodeId, readonly Tensor[]>();
  readonly #dense = new Map<NodeId, NodeId>();
  readonly #options: PlaceOptions;

  constructor(options: PlaceOptions) {
    this.#options = options;
  }

  add(id: NodeId, type: OperandType): NodeId {
    this.types[id] = type;
    return id;
  }

  /** A node with its choice, and what it needs before and after. */
  apply(node: ApplyNode, ids: readonly (NodeId | undefined)[], view: boolean): NodeId {
    const { registry, rates } = this.#options;
    if (view) {
      const id = this.add(
        this.builder.apply(node.op, [this.dense(ids[0]!)], node.attrs, node.name),
        denseType(node.shape, node.dtype),
      );
      const into = node.emit?.into;
      return into && !isDenseType(patternType(into, node.dtype))
        ? this.#convert(restrict, id, `${node.name}/restricted`, { into })
        : id;
    }
    const choice = choose(
      node,
      ids.map((id, k) => (id === undefined ? undefined : this.#offer(id, node, k))),
      registry,
      rates,
    );
    const inputs = ids.map((id, k) =>
      id !== undefined && choice.kernel && this.#mustBeDense(id, choice.inputs[k]!)
        ? this.dense(id)
        : id,
    );
    const into = node.emit?.into;
    const made = into && isDenseType(choice.output) && !isDenseType(patternType(into, node.dtype));
    const id = this.add(
      this.builder.apply(node.op, inputs, node.attrs, node.name, made ? undefined : node.emit),
      choice.output,
    );
    this.choices.set(id, choice);
    return made ? this.#convert(restrict, id, `${node.name}/restricted`, { into }) : id;
  }

  /** Constants change form when they are uploaded; anything else by a node of its own. */
  #mustBeDense(id: NodeId, wanted: OperandType): boolean {
    return isDenseType(wanted) && !isDenseType(this.types[id]!) && !this.types[id]!.constant;
  }

  /** The dense form of a value, made once. */
  dense(id: NodeId): NodeId {
    if (isDenseType(this.types[id]!)) return id;
    let made = this.#dense.get(id);
    if (made === undefined)
      this.#dense.set(
        id,
        (made = this.#convert(densify, id, `${this.builder.node(id).name}/dense`)),
      );
    return made;
  }

  #convert(op: typeof densify, from: NodeId, name: string, emit?: ApplyNode['emit']): NodeId {
    const id = this.builder.apply(op, [from], {}, name, emit);
    const node = this.builder.node(id) as ApplyNode;
    const choice = choose(
      node,
      [{ type: this.types[from]!, also: [] }],
      this.#options.registry,
      this.#options.rates,
    );
    this.choices.set(id, choice);
    return this.add(id, choice.output);
  }

  #offer(id: NodeId, node: ApplyNode, k: number): Offer {
    const source = this.builder.node(id);
    if (source.kind !== 'constant' || source.tensor.home !== host)
      return { type: this.types[id]!, also: [] };
    const wanted = this.#options.registry.kernelsFor(node.op).map((kernel) => kernel.takes[k]);
    // A codec would round what is stored, and nobody asked for that here.
    const formats = this.#options.candidates
      .map(formatOf)
      .filter((f) => !f.codec && wanted.includes(f.layout));
    const known = this.constants.get(id) ?? [source.tensor];
    const missing = formats.filter(
      (f) => !known.some((t) => printFormat(t.format) === printFormat(f)),
    );
    const all = [...known, ...otherForms(source, missing)];
    this.constants.set(id, all);
    const [type, ...also] = all.map(tensorType);
    return { type: type!, also };
  }
}

function otherForms(node: ConstantNode, formats: readonly Format[]): Tensor[] {
  return formats.flatMap((format) => {
    try {
      return [convert(node.tensor, format)];
    } catch (error) {
      // Not every constant fits every candidate: another rank, or entries that would be lost.
      if (error instanceof SparseError && (error.code === 'lossy' || error.code === 'shape'))
        return [];
      throw error;
    }
  });
}
