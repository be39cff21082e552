// The weights of a network's graph by name, and the same graph with others: what was pruned, or read from a file.
import {
  assemble,
  dense,
  nearest,
  sizeOf,
  SparseError,
  toDense,
  type Graph,
  type Node,
  type Tensor,
} from '@lacuna/ir';

/**
 * The constants of a graph, such as a network's weights and biases, by name.
 *
 * @example
 * ```ts
 * import { assemble, dense, GraphBuilder, matmul, weightsOf } from '@lacuna/lacuna';
 * const builder = new GraphBuilder();
 * const [w, x] = [builder.constant(assemble(dense, [1, 2], [3, 4]), 'w'), builder.input('x', [2, 1], dense())];
 * const graph = builder.finish({ y: builder.apply(matmul, [w, x]) });
 * weightsOf(graph)['w']!.toString(); // 'dense [1, 2] float32, 2 stored'
 * ```
 */
export function weightsOf(graph: Graph): Record<string, Tensor> {
  const constants = graph.nodes.filter((node) => node.kind === 'constant');
  return Object.fromEntries(constants.map(({ name, tensor }) => [name, tensor]));
}

/**
 * The same graph with other weights, by name; those that are not given stay. They may be in any layout, and of another
 * shape with as many numbers, as when a convolution's weight was kept as a matrix. In the graph they are dense: how each
 * is stored where it runs is chosen when the graph is compiled.
 *
 * @throws SparseError `format` for a name that no weight has, `shape` for another count of numbers.
 * @example
 * ```ts
 * import { assemble, compileNetwork, csr, dense, GraphBuilder, matmul, withWeights } from '@lacuna/lacuna';
 * const builder = new GraphBuilder();
 * const [w, x] = [builder.constant(assemble(dense, [1, 2], [3, 4]), 'w'), builder.input('x', [2, 1], dense())];
 * const graph = builder.finish({ y: builder.apply(matmul, [w, x]) });
 * const net = await compileNetwork(withWeights(graph, { w: assemble(csr, [1, 2], [0, 4]) }));
 * (await net.run({ x: [1, 10] })).y; // Float32Array [40]
 * net.dispose();
 * withWeights(graph, { v: assemble(csr, [1, 2], [0, 4]) }); // throws format: the graph has no weight "v"; …
 * ```
 */
export function withWeights(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
): Graph {
  const given = new Map(weights instanceof Map ? weights : Object.entries(weights));
  const nodes = graph.nodes.map((node): Node => {
    const tensor = node.kind === 'constant' && given.get(node.name);
    if (!tensor) return node;
    const { name, shape, dtype } = node;
    if (sizeOf(tensor.shape) !== sizeOf(shape))
      throw new SparseError('shape', `${tensor.toString()} was given for "${name}"`, {
        hint: `give as many numbers as [${shape.join(', ')}] has`,
      });
    return { ...node, tensor: assemble(dense, shape, toDense(tensor), { dtype }) };
  });
  const names = Object.keys(weightsOf(graph));
  for (const name of given.keys())
    if (!names.includes(name))
      throw new SparseError('format', `the graph has no weight "${name}"`, {
        hint: `the nearest is "${nearest(name, names)}"`,
      });
  return { ...graph, nodes };
}
