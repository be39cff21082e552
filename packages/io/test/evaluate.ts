// A graph's values by the references of its ops: slow, right, and without an engine. For tests.
import {
  densePattern,
  makeTensor,
  toDense,
  type Graph,
  type NodeId,
  type Tensor,
} from '@lacuna/ir';

/** The numbers of the nodes that `wanted` names, for given inputs. */
export function evaluate(
  graph: Graph,
  inputs: Readonly<Record<string, ArrayLike<number>>>,
  wanted: readonly NodeId[] = graph.outputs.map(({ node }) => node),
): Map<NodeId, Float32Array> {
  const values: (Tensor | undefined)[] = [];
  const found = new Map<NodeId, Float32Array>();
  const lastUse = new Map<NodeId, NodeId>();
  for (const node of graph.nodes)
    if (node.kind === 'apply')
      for (const id of node.inputs) if (id !== undefined) lastUse.set(id, node.id);
  for (const node of graph.nodes) {
    const numbers =
      node.kind === 'constant'
        ? undefined
        : node.kind === 'input'
          ? (inputs[node.name] ?? [])
          : node.op.spec.reference(
              node.inputs.map((id) => (id === undefined ? undefined : values[id])),
              node.attrs,
            );
    values[node.id] =
      node.kind === 'constant'
        ? node.tensor
        : makeTensor(densePattern(node.shape), 'float32', Float32Array.from(numbers ?? []));
    if (wanted.includes(node.id)) found.set(node.id, Float32Array.from(toDense(values[node.id]!)));
    if (node.kind === 'apply')
      for (const id of node.inputs)
        if (id !== undefined && lastUse.get(id) === node.id) values[id] = undefined;
  }
  return found;
}
