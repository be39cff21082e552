// graph -> graph: neighbouring elementwise nodes become one, where a kernel of `fused` takes their formula. A node
// joins those that read it, if nothing else does, if it has their shape, and if it is stored as they are. Numbers stay
// what they were.
//
//   relu(add(multiply(a, b), c))  ->  fused(a, b, c) x3 = multiply(x0, x1), x4 = add(x3, x2), x5 = relu(x4)
import {
  isDense,
  sizeOf,
  usersOf,
  type ApplyNode,
  type Graph,
  type Node,
  type NodeId,
  type OperandType,
  type Pattern,
  type Signature,
} from '@lacuna/ir';
import { formula, fused, type FusedAttrs, type FusedStep } from '@lacuna/ops';
import { rewrite } from './rewrite.js';
import { denseType, flatType, patternType } from './types.js';

/** Whether some kernel of `fused` takes a formula. */
export type CanFuse = (signature: Signature) => boolean;

/** Nodes that become one, by the id of the last. */
interface Group {
  readonly members: ReadonlySet<NodeId>;
  readonly leaves: readonly NodeId[];
  readonly attrs: FusedAttrs;
}

/** Joins elementwise nodes. */
export function chain(graph: Graph, can: CanFuse): Graph {
  const groups = new Groups(graph, can).all();
  if (groups.size === 0) return graph;
  return rewrite(graph, (node, { builder, at }) => {
    const group = groups.get(node.id);
    return group && builder.apply(fused, group.leaves.map(at), group.attrs, node.name, node.emit);
  });
}

class Groups {
  readonly #graph: Graph;
  readonly #can: CanFuse;
  readonly #readers: readonly (readonly ApplyNode[])[];
  readonly #kept: ReadonlySet<NodeId>;
  readonly #taken = new Set<NodeId>();

  constructor(graph: Graph, can: CanFuse) {
    [this.#graph, this.#can, this.#readers] = [graph, can, usersOf(graph)];
    this.#kept = new Set(graph.outputs.map(({ node }) => node));
  }

  all(): ReadonlyMap<NodeId, Group> {
    const found = new Map<NodeId, Group>();
    for (const node of this.#graph.nodes.toReversed()) {
      if (node.kind !== 'apply' || this.#taken.has(node.id)) continue;
      const group = this.#from(node);
      if (group) found.set(node.id, group);
    }
    return found;
  }

  /** The largest group that ends in a node, grown by one node at a time. */
  #from(root: ApplyNode): Group | undefined {
    let members: ReadonlySet<NodeId> = new Set([root.id]);
    let group: Group | undefined;
    for (let next = this.#group(root, members); next; next = this.#grown(root, next)) {
      group = next;
      members = next.members;
    }
    if (members.size === 1) return undefined;
    for (const id of members) this.#taken.add(id);
    return group;
  }

  /** A group with one more of the nodes that it reads, the nearest first. */
  #grown(root: ApplyNode, { leaves, members }: Group): Group | undefined {
    for (const id of leaves.toSorted((a, b) => b - a)) {
      const larger = this.#joins(id, root, members) && this.#group(root, new Set([...members, id]));
      if (larger) return larger;
    }
    return undefined;
  }

  #joins(id: NodeId, root: ApplyNode, members: ReadonlySet<NodeId>): boolean {
    const node = this.#graph.nodes[id]!;
    return (
      node.kind === 'apply' &&
      !this.#kept.has(id) &&
      !this.#taken.has(id) &&
      node.shape.join() === root.shape.join() &&
      plain(node) &&
      node.emit?.into === root.emit?.into &&
      this.#readers[id]!.every((reader) => members.has(reader.id))
    );
  }

  /** Members as a formula of what they read; undefined where no kernel takes it. */
  #group(root: ApplyNode, members: ReadonlySet<NodeId>): Group | undefined {
    if (!plain(root)) return undefined;
    const { nodes } = this.#graph;
    const order = [...members].sort((a, b) => a - b).map((id) => nodes[id] as ApplyNode);
    if (order.some(({ op, inputs }) => !op.spec.pointwise || inputs.includes(undefined)))
      return undefined;
    const read = order.flatMap(({ inputs }) => inputs as readonly NodeId[]);
    const leaves = [...new Set(read.filter((id) => !members.has(id)))];
    const place = new Map([...leaves, ...order.map(({ id }) => id)].map((id, at) => [id, at]));
    const steps = order.map(({ op, attrs, inputs }): FusedStep => ({
      op,
      attrs,
      inputs: inputs.map((id) => place.get(id!)!),
    }));
    const types = leaves.map((id) => seen(nodes[id]!, root.emit?.into));
    if (types.includes(undefined)) return undefined;
    const attrs = { formula: formula(leaves.length, steps) };
    const output = seen(root, root.emit?.into)!;
    return this.#can({ op: fused, attrs, inputs: types, output })
      ? { members, leaves, attrs }
      : undefined;
  }
}

/** Nothing is said of how a node is stored, but perhaps a pattern. */
const plain = ({ emit }: ApplyNode): boolean =>
  !emit || (emit.into !== undefined && Object.keys(emit).length === 1);

/** A value as a kernel over stored values sees it; undefined where it would not see it so. */
function seen(node: Node, into: Pattern | undefined): OperandType | undefined {
  const pattern = patternOf(node);
  if (pattern === into)
    return pattern ? flatType(patternType(pattern, node.dtype)) : denseType(node.shape, node.dtype);
  return !pattern && sizeOf(node.shape) === 1 ? denseType(node.shape, node.dtype) : undefined;
}

/** Where a value is stored; undefined for what is dense. */
function patternOf(node: Node): Pattern | undefined {
  const pattern =
    node.kind === 'constant'
      ? node.tensor.pattern
      : node.kind === 'input'
        ? node.pattern
        : node.emit?.into;
  return pattern && !isDense(pattern.format) ? pattern : undefined;
}
