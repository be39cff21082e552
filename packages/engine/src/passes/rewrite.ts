// The shape of every pass that changes a graph: nodes are copied in order into a new one, and a rule may
// put something else in a node's place. What nothing reads any more is left out.
import {
  GraphBuilder,
  host,
  type ApplyNode,
  type ConstantNode,
  type Graph,
  type Node,
  type NodeId,
} from '@lacuna/ir';

/** What a rule sees and may use. */
export interface Rewriting {
  readonly builder: GraphBuilder;
  /** The new node for an old one. */
  readonly at: (id: NodeId) => NodeId;
  /** Whether the new node stands for an old one that exactly one node reads, and that is no output. */
  readonly single: (id: NodeId) => boolean;
}

/** Puts a node in the place of an old one, or says undefined to copy it. */
export type Rule = (node: ApplyNode, rewriting: Rewriting) => NodeId | undefined;

/** Whether a node's numbers are known now and stay as they are: an engine's tensor may be assigned to. */
export function isFixed(node: Node): node is ConstantNode {
  return node.kind === 'constant' && node.tensor.home === host;
}

/** Applies a rule to every node, in order. */
export function rewrite(graph: Graph, rule: Rule): Graph {
  const builder = new GraphBuilder();
  const renamed: NodeId[] = [];
  const readers = countReaders(graph);
  const single = new Set<NodeId>();
  const rewriting: Rewriting = {
    builder,
    at: (id) => renamed[id]!,
    single: (id) => single.has(id),
  };
  for (const node of graph.nodes) {
    const made = (node.kind === 'apply' && rule(node, rewriting)) || copy(node, rewriting);
    renamed[node.id] = made;
    if (readers[node.id] === 1) single.add(made);
    else single.delete(made);
  }
  return sweep(
    builder.finish(graph.outputs.map((output) => ({ ...output, node: renamed[output.node]! }))),
  );
}

/** A node as it was, reading the new nodes. */
export function copy(node: Node, { builder, at }: Rewriting): NodeId {
  switch (node.kind) {
    case 'input':
      return builder.input(node.name, node.shape, node.format, node.dtype, node.pattern);
    case 'constant':
      return builder.constant(node.tensor, node.name);
    case 'apply':
      return builder.apply(
        node.op,
        node.inputs.map((id) => (id === undefined ? undefined : at(id))),
        node.attrs,
        node.name,
        node.emit,
      );
    default:
      return node satisfies never;
  }
}

/** How many times each node is read; an output counts as two, since it must stay what it is. */
export function countReaders(graph: Graph): number[] {
  const readers = graph.nodes.map(() => 0);
  for (const node of graph.nodes)
    if (node.kind === 'apply') for (const id of node.inputs) if (id !== undefined) readers[id]!++;
  for (const { node } of graph.outputs) readers[node]! += 2;
  return readers;
}

/** The graph without constants and applications that no output needs. Inputs stay. */
export function sweep(graph: Graph): Graph {
  const needed = new Set<NodeId>(graph.outputs.map(({ node }) => node));
  for (const node of graph.nodes.toReversed()) {
    if (node.kind === 'apply' && needed.has(node.id))
      for (const id of node.inputs) if (id !== undefined) needed.add(id);
  }
  const builder = new GraphBuilder();
  const renamed: NodeId[] = [];
  const rewriting: Rewriting = { builder, at: (id) => renamed[id]!, single: () => false };
  for (const node of graph.nodes)
    if (node.kind === 'input' || needed.has(node.id)) renamed[node.id] = copy(node, rewriting);
  return builder.finish(
    graph.outputs.map((output) => ({ ...output, node: renamed[output.node]! })),
  );
}
