// Nodes that make nothing: their output is their first input, read in another shape.
import type { ApplyNode, Graph } from '@lacuna/ir';

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
