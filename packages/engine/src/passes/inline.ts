// graph -> graph: a sparsifier that looks at one number at a time moves into the node that makes the numbers, where
// a kernel can do so. The mask is never formed; where something else reads it, such as a gradient, all stays.
//
//   masked(matmul(a, b), mask(matmul(a, b)))  ->  matmul(a, b) emitting threshold(value=1) -> …
import type { ApplyNode, Graph, Node, NodeId, Op, Sparsifier } from '@lacuna/ir';
import { mask, masked, type PruneAttrs } from '@lacuna/ops';
import { copy, rewrite, type Rewriting } from './rewrite.js';
import { isView } from './view.js';

/** Whether some kernel for a node applies a sparsifier to what it makes. */
export type CanInline = (node: ApplyNode, how: Sparsifier) => boolean;

/** The sparsifier that is to run inside the kernel of a node. */
export const inlineOf = ({ op, emit }: ApplyNode): Sparsifier | undefined =>
  op === (masked as Op) ? undefined : emit?.inline;

/** Moves sparsifiers into the nodes before them. */
export function inline(graph: Graph, can: CanInline): Graph {
  const readers = graph.nodes.map(() => 0);
  for (const node of graph.nodes)
    if (node.kind === 'apply') for (const id of node.inputs) if (id !== undefined) readers[id]!++;
  for (const { node } of graph.outputs) readers[node]!++;
  return rewrite(graph, (node, rewriting) => moved(graph, node, rewriting, readers, can));
}

function moved(
  graph: Graph,
  node: ApplyNode,
  rewriting: Rewriting,
  readers: readonly number[],
  can: CanInline,
): NodeId | undefined {
  if (node.op !== (masked as Op) || node.emit?.into) return undefined;
  const [source, kept] = node.inputs.map((id) => graph.nodes[id!]) as [Node, Node];
  const alone = kept.kind === 'apply' && kept.op === (mask as Op) && readers[kept.id] === 1;
  if (!alone || kept.inputs.length !== 1 || kept.inputs[0] !== source.id) return undefined;
  if (source.kind !== 'apply' || source.emit || readers[source.id] !== 2) return undefined;
  if (isView(graph, source)) return undefined; // it makes nothing
  const { how } = kept.attrs as PruneAttrs;
  if (how.kind !== 'streaming' || !can(source, how)) return undefined;
  const made = copy(source, rewriting);
  const { op, inputs, attrs } = rewriting.builder.node(made) as ApplyNode;
  return rewriting.builder.apply(op, inputs, attrs, source.name, { ...node.emit, inline: how });
}
