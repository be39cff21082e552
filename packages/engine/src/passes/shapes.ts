// graph -> the same graph, once every node's shape is what its op's rule says and every input comes earlier.
// Builders check as they go; graphs that were rewritten or read from elsewhere are checked here again.
import { inferShape, SparseError, type Graph } from '@lacuna/ir';

/**
 * Checks order and shapes.
 *
 * @throws SparseError `shape`, naming the node.
 */
export function checkShapes(graph: Graph): Graph {
  graph.nodes.forEach((node, at) => {
    if (node.id !== at)
      throw new SparseError(
        'shape',
        `node ${node.name} is at place ${at} and calls itself ${node.id}`,
      );
    if (node.kind !== 'apply') return;
    const late = node.inputs.find((id) => id !== undefined && id >= at);
    if (late !== undefined)
      throw new SparseError('shape', `${node.name} reads node ${late}, which comes later`);
    const shape = inferShape(
      node.op,
      node.inputs.map((id) => (id === undefined ? undefined : graph.nodes[id]!.shape)),
      node.attrs,
    );
    if (shape.join() !== node.shape.join())
      throw new SparseError(
        'shape',
        `${node.name} says [${node.shape.join(', ')}], and ${node.op.opName} gives [${shape.join(', ')}]`,
      );
  });
  for (const { name, node } of graph.outputs)
    if (!graph.nodes[node])
      throw new SparseError('shape', `output ${name} is node ${node}, which is not there`);
  return graph;
}
