// The home of compositions: an op called on one is a graph of one node, which is expanded and then run where the
// parts are. On an engine's tensors that is at once; inside a compiled function each op becomes a node, so that
// gradients, fusion, placement and plans see ordinary ops.
import {
  emitting,
  GraphBuilder,
  type Graph,
  type Home,
  type NodeId,
  type Tensor,
} from '@lacuna/ir';
import { compose, expand } from './expand.js';
import type { Part } from './composition.js';

/** Rewrites ops on compositions into ops on their parts. */
export const composing: Home = {
  name: 'composing',
  composing: true,
  apply(op, inputs, attrs, emit) {
    const builder = new GraphBuilder();
    const tensors = new Map<string, Tensor>();
    const nodeOf = (part: Part): NodeId => {
      if ('parts' in part)
        return builder.apply(compose, part.parts.map(nodeOf), { combine: part.combine });
      const { pattern, dtype, shape } = part;
      const name = `x${tensors.size}`;
      tensors.set(name, part);
      return builder.input(name, shape, pattern.format, dtype, pattern);
    };
    const ids = (inputs as readonly (Part | undefined)[]).map((part) => part && nodeOf(part));
    return run(expand(builder.finish({ y: builder.apply(op, ids, attrs, 'y', emit) })), tensors);
  },
};

/** Calls the ops of a graph in order; what only they needed is given back. */
function run(graph: Graph, inputs: ReadonlyMap<string, Tensor>): Tensor {
  const values: Tensor[] = [];
  const made: Tensor[] = [];
  const result = graph.outputs[0]!.node;
  try {
    for (const node of graph.nodes) {
      if (node.kind === 'input') values[node.id] = inputs.get(node.name)!;
      if (node.kind !== 'apply') continue;
      const operands = node.inputs.map((id) => (id === undefined ? undefined : values[id]));
      values[node.id] = emitting(node.emit, node.op, operands, node.attrs);
      if (node.id !== result && !values[node.id]!.home.tracing) made.push(values[node.id]!);
    }
    return values[result]!;
  } finally {
    for (const tensor of made) tensor.dispose();
  }
}
