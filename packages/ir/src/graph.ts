// The graph that eager and compiled use share: nodes in order, each made from earlier ones. Frozen; a pass
// takes a graph and returns another.
import type { DType } from './dtype.js';
import { printEmit, type Emit } from './emit.js';
import { SparseError } from './error.js';
import type { Format, Shape } from './layout.js';
import { printFormat } from './format.js';
import type { Pattern } from './pattern.js';
import { inferShape, outputType, type Op } from './op.js';
import type { Tensor } from './tensor.js';

/** Index of a node in `graph.nodes`. */
export type NodeId = number;

interface NodeBase {
  readonly id: NodeId;
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}
/** A value given at each run. */
export interface InputNode extends NodeBase {
  readonly kind: 'input';
  readonly format: Format;
  /** Where its values are; absent for dense inputs. */
  readonly pattern?: Pattern;
}
/** A value fixed when the graph is made. */
export interface ConstantNode extends NodeBase {
  readonly kind: 'constant';
  readonly tensor: Tensor;
}
/** A value computed by an op. */
export interface ApplyNode extends NodeBase {
  readonly kind: 'apply';
  readonly op: Op;
  readonly inputs: readonly (NodeId | undefined)[];
  readonly attrs: object;
  readonly emit?: Emit;
}
export type Node = InputNode | ConstantNode | ApplyNode;

/** A computation as data. */
export interface Graph {
  readonly nodes: readonly Node[];
  readonly outputs: readonly Output[];
}

/** A result of a graph: given out by name, or written into a tensor that the graph may also read. */
export interface Output {
  readonly name: string;
  readonly node: NodeId;
  readonly into?: Tensor;
  /** Where it is not finite, nothing is written into tensors, and the run throws. */
  readonly guard?: true;
}

/** Builds a graph node by node; each call returns the new node's id. */
export class GraphBuilder {
  readonly #nodes: Node[] = [];

  #add(node: Node): NodeId {
    this.#nodes.push(Object.freeze(node));
    return node.id;
  }
  get next(): NodeId {
    return this.#nodes.length;
  }
  node(id: NodeId): Node {
    const found = this.#nodes[id];
    if (!found)
      throw new SparseError(
        'shape',
        `node ${id} is not in the graph, which has ${this.#nodes.length}`,
      );
    return found;
  }
  input(
    name: string,
    shape: Shape,
    format: Format,
    dtype: DType = 'float32',
    pattern?: Pattern,
  ): NodeId {
    const where = pattern && { pattern };
    return this.#add({ kind: 'input', id: this.next, name, shape, dtype, format, ...where });
  }
  constant(tensor: Tensor, name = `c${this.next}`): NodeId {
    return this.#add({
      kind: 'constant',
      id: this.next,
      name,
      shape: tensor.shape,
      dtype: tensor.dtype,
      tensor,
    });
  }
  /** @throws SparseError `shape` where the inputs do not fit the op. */
  apply<A extends object>(
    op: Op<A>,
    inputs: readonly (NodeId | undefined)[],
    attrs: Partial<A> = {},
    name = `${op.opName}${this.next}`,
    emit?: Emit,
  ): NodeId {
    const nodes = inputs.map((id) => (id === undefined ? undefined : this.node(id)));
    const all = { ...op.spec.defaults, ...attrs };
    const shape = inferShape(
      op,
      nodes.map((n) => n?.shape),
      all,
    );
    const dtype = outputType(
      nodes.map((n) => n?.dtype),
      op,
    );
    return this.#add({
      kind: 'apply',
      id: this.next,
      name,
      op,
      inputs,
      attrs: all,
      shape,
      dtype,
      ...(emit && { emit }),
    });
  }
  finish(outputs: Readonly<Record<string, NodeId>> | readonly Output[]): Graph {
    const list = Array.isArray(outputs)
      ? (outputs as readonly Output[])
      : Object.entries(outputs as Record<string, NodeId>).map(([name, node]) => ({ name, node }));
    return Object.freeze({
      nodes: Object.freeze([...this.#nodes]),
      outputs: Object.freeze(list),
    });
  }
}

/** Which nodes read each node, outputs not counted. */
export function usersOf(graph: Graph): readonly (readonly ApplyNode[])[] {
  const users: ApplyNode[][] = graph.nodes.map(() => []);
  for (const node of graph.nodes) {
    if (node.kind === 'apply')
      for (const id of new Set(node.inputs)) if (id !== undefined) users[id]!.push(node);
  }
  return users;
}

/** Attributes as JSON; a sparsifier, or whatever else prints itself, as it prints. */
const printAttrs = (attrs: object): string =>
  JSON.stringify(attrs, (_, value: unknown) =>
    value instanceof Object && 'print' in value && typeof value.print === 'function'
      ? (value.print() as unknown)
      : value,
  );

/** One line a node. */
export function printGraph(graph: Graph): string {
  const lines = graph.nodes.map((node) => {
    const type = `${node.dtype} [${node.shape.join(', ')}]`;
    switch (node.kind) {
      case 'input':
        return `%${node.id} = input ${node.name}: ${printFormat(node.format)} ${type}`;
      case 'constant':
        return `%${node.id} = constant ${node.name}: ${printFormat(node.tensor.format)} ${type}`;
      case 'apply': {
        const inputs = node.inputs.map((id) => (id === undefined ? '_' : `%${id}`)).join(', ');
        const attrs = Object.keys(node.attrs).length ? ` ${printAttrs(node.attrs)}` : '';
        return `%${node.id} = ${node.op.opName}(${inputs})${attrs}: ${type}${node.emit ? ` emits ${printEmit(node.emit)}` : ''}`;
      }
      default:
        return node satisfies never;
    }
  });
  return [
    ...lines,
    ...graph.outputs.map(
      ({ name, node, into, guard }) =>
        `${into ? 'assign' : guard ? 'guard' : 'return'} ${name} = %${node}`,
    ),
  ].join('\n');
}
