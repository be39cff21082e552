// graph -> graph: products that are one matrix product in disguise become it, so that one family of kernels
// serves them all.
//
//   conv2d 1×1, one image     ->  matmul(w [O, C], x [C, H·W])
//   linear, one row           ->  matmul(w [M, K], xᵀ [K, 1])
import {
  convert,
  dense,
  isDense,
  makeTensor,
  densePattern,
  type ApplyNode,
  type Graph,
  type NodeId,
  type Tensor,
} from '@lacuna/ir';
import { conv2d, linear, matmul, reshape, type Conv2dAttrs, type LinearAttrs } from '@lacuna/ops';
import { isFixed, rewrite, type Rewriting } from './rewrite.js';

/** Writes pointwise convolutions and single-row linear layers as matrix products. */
export function lower(graph: Graph): Graph {
  return rewrite(graph, (node, rewriting) => {
    if (node.op.opName === conv2d.opName) return pointwise(node, rewriting);
    if (node.op.opName === linear.opName) return oneRow(node, rewriting);
    return undefined;
  });
}

function pointwise(node: ApplyNode, { builder, at }: Rewriting): NodeId | undefined {
  const { stride, padding, groups, activation } = node.attrs as Conv2dAttrs;
  const [x, weight] = [builder.node(at(node.inputs[0]!)), builder.node(at(node.inputs[1]!))];
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const plain =
    batch === 1 &&
    groups === 1 &&
    [...weight.shape.slice(2), ...stride].every((n) => n === 1) &&
    padding.every((n) => n === 0);
  if (!plain || !isFixed(weight) || !isDense(weight.tensor.format)) return undefined;
  const w = builder.constant(reshaped(weight.tensor, weight.shape.slice(0, 2)), weight.name);
  const flat = builder.apply(
    reshape,
    [x.id],
    { shape: [channels, height * width] },
    `${node.name}/x`,
  );
  const bias = node.inputs[2] === undefined ? undefined : at(node.inputs[2]);
  const y = builder.apply(matmul, [w, flat, bias], { activation }, `${node.name}/y`);
  return builder.apply(reshape, [y], { shape: [...node.shape] }, node.name);
}

function oneRow(node: ApplyNode, { builder, at }: Rewriting): NodeId | undefined {
  const { activation } = node.attrs as LinearAttrs;
  const x = builder.node(at(node.inputs[0]!));
  const features = x.shape.at(-1)!;
  if (x.shape.some((extent, dim) => dim < x.shape.length - 1 && extent !== 1)) return undefined;
  const column = builder.apply(reshape, [x.id], { shape: [features, 1] }, `${node.name}/x`);
  const bias = node.inputs[2] === undefined ? undefined : at(node.inputs[2]);
  const y = builder.apply(
    matmul,
    [at(node.inputs[1]!), column, bias],
    { activation },
    `${node.name}/y`,
  );
  return builder.apply(reshape, [y], { shape: [...node.shape] }, node.name);
}

function reshaped(tensor: Tensor, shape: readonly number[]): Tensor {
  return makeTensor(densePattern(shape), tensor.dtype, convert(tensor, dense()).values);
}
