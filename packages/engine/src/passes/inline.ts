// graph -> graph: a sparsifier that looks at one number at a time moves into the node that makes the numbers, where
// a kernel can do so. The mask is never formed; where something else reads it, such as a gradient, all stays.
//
//   masked(matmul(a, b), mask(matmul(a, b)))  ->  matmul(a, b) emitting threshold(value=1) -> …
import type { ApplyNode, Graph, Node, Op, Sparsifier } from '@lacuna/ir';
import { mask, masked, type PruneAttrs } from '@lacuna/ops';
import { countReaders, rewrite } from './rewrite.js';
import { isView } from './view.js';

/** Whether some kernel for a node applies a sparsifier to what it makes. */
export type CanInline = (node: ApplyNode, how: Sparsifier) => boolean;

/** The sparsifier that is to run inside the kernel of a node. */
export const inlineOf = ({ op, emit }: ApplyNode): Sparsifier | undefined =>
  op === (masked as Op) ? undefined : emit?.inline;

/** Moves sparsifiers into the nodes before them. */
export function inline(graph: Graph, can: CanInline): Graph {
  const readers = countReaders(graph);
  return rewrite(graph, (node, { builder, at }) => {
    const found = pruned(graph, node, readers);
    if (!found || !can(found.source, found.how)) return undefined;
    const { source, how } = found;
    const inputs = source.inputs.map((id) => (id === undefined ? undefined : at(id)));
    const emit = { ...node.emit, inline: how };
    return builder.apply(source.op, inputs, source.attrs, source.name, emit);
  });
}

/** What a node prunes, and how, if that is all that becomes of it and if it is made by a node of its own. */
function pruned(
  graph: Graph,
  node: ApplyNode,
  readers: readonly number[],
): { readonly source: ApplyNode; readonly how: Sparsifier } | undefined {
  if (node.op !== (masked as Op) || node.emit?.into) return undefined;
  const [source, kept] = node.inputs.map((id) => graph.nodes[id!]) as [Node, Node];
  const alone = kept.kind === 'apply' && kept.op === (mask as Op) && readers[kept.id] === 1;
  if (!alone || kept.inputs.length !== 1 || kept.inputs[0] !== source.id) return undefined;
  if (source.kind !== 'apply' || source.emit || readers[source.id] !== 2) return undefined;
  if (isView(graph, source)) return undefined; // it makes nothing
  const { how } = kept.attrs as PruneAttrs;
  return how.kind === 'streaming' ? { source, how } : undefined;
}
