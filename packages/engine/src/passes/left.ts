// graph -> graph: kernels take a sparse operand on the left of a product. A linear layer whose input is asked for in
// a layout becomes such a product; bias and activation follow it.
//
//   linear(x, w, b)   x [N, K] emitted in csr   ->   act(add(matmul(x, wᵀ), b))
import type { ApplyNode, Graph, Layout, NodeId, Op } from '@lacuna/ir';
import { add, linear, matmul, relu, relu6, type Activation, type LinearAttrs } from '@lacuna/ops';
import { rewrite, type Rewriting } from './rewrite.js';

const activations: Readonly<Record<Activation, Op | undefined>> = { none: undefined, relu, relu6 };

/** Puts inputs of linear layers on the left where they are emitted in a layout that products take there. */
export function left(graph: Graph, takes: (layout: Layout) => boolean): Graph {
  return rewrite(graph, (node, rewriting) =>
    node.op === (linear as Op) && !node.emit ? turned(node, rewriting, takes) : undefined,
  );
}

function turned(
  node: ApplyNode,
  { builder, at }: Rewriting,
  takes: (layout: Layout) => boolean,
): NodeId | undefined {
  const [x, w, bias] = node.inputs.map((id) => (id === undefined ? undefined : at(id)));
  const source = builder.node(x!);
  const asked = source.kind === 'apply' && !source.emit?.into ? source.emit?.layout : undefined;
  if (!asked || source.shape.length !== 2 || !takes(asked.layout)) return undefined;
  let y = builder.apply(matmul, [x, w], { transposeB: true }, `${node.name}/product`);
  if (bias !== undefined) y = builder.apply(add, [y, bias], {}, `${node.name}/bias`);
  const act = activations[(node.attrs as LinearAttrs).activation];
  return act ? builder.apply(act, [y], {}, node.name) : y;
}
