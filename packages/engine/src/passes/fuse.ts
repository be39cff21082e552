// graph -> graph: what follows a product and is cheap there moves into it: channel biases and scales, relu
// and relu6, and zero padding before it. Sums are regrouped, so results may differ by rounding.
//
//   relu6(add(conv2d(pad(x), w), bias))  ->  conv2d(x, w, bias) with padding and activation
//   add(add(conv2d(x, w), r), bias)      ->  add(conv2d(x, w, bias), r)
import {
  assemble,
  dense,
  isDense,
  toDense,
  type ApplyNode,
  type Graph,
  type NodeId,
  type Op,
  type Tensor,
} from '@lacuna/ir';
import {
  add,
  biasAdd,
  conv2d,
  linear,
  matmul,
  multiply,
  pad,
  relu,
  relu6,
  type Activation,
  type Conv2dAttrs,
} from '@lacuna/ops';
import { isFixed, rewrite, type Rewriting } from './rewrite.js';

const is = (op: Op, ...others: readonly { readonly opName: string }[]): boolean =>
  others.some((o) => o.opName === op.opName);

/** Moves biases, scales, activations and padding into products. */
export function fuse(graph: Graph): Graph {
  return rewrite(graph, (node, rewriting) => {
    if (node.emit) return undefined;
    if (is(node.op, relu, relu6)) return activation(node, rewriting);
    if (is(node.op, add, biasAdd)) return bias(node, rewriting);
    if (is(node.op, multiply)) return scale(node, rewriting);
    if (is(node.op, conv2d)) return padding(node, rewriting);
    return undefined;
  });
}

/** The product that `id` is, if only one node reads it and it ends in no activation yet. */
function openProduct(
  id: NodeId | undefined,
  { builder, single }: Rewriting,
): ApplyNode | undefined {
  const node = id === undefined ? undefined : builder.node(id);
  if (
    node?.kind !== 'apply' ||
    node.emit ||
    !single(node.id) ||
    !is(node.op, conv2d, matmul, linear)
  )
    return undefined;
  return (node.attrs as { activation: Activation }).activation === 'none' ? node : undefined;
}

function activation(node: ApplyNode, rewriting: Rewriting): NodeId | undefined {
  const product = openProduct(rewriting.at(node.inputs[0]!), rewriting);
  if (!product) return undefined;
  return rewriting.builder.apply(
    product.op,
    product.inputs,
    { ...product.attrs, activation: node.op.opName },
    node.name,
  );
}

function bias(node: ApplyNode, rewriting: Rewriting): NodeId | undefined {
  const { builder, at, single } = rewriting;
  const inputs = node.inputs.map((id) => at(id!));
  const constant = inputs.findIndex((id) => isFixed(builder.node(id)));
  if (inputs.length !== 2 || constant < 0) return undefined;
  const other = inputs[1 - constant]!;
  const axis = is(node.op, biasAdd) ? (node.attrs as { axis: number }).axis : undefined;
  const tensor = tensorOf(inputs[constant]!, rewriting);
  const product = openProduct(other, rewriting);
  if (product) return withBias(product, tensor, axis, node.name, rewriting);
  // A residual sum between product and bias: the bias moves to the product.
  const sum = builder.node(other);
  if (sum.kind !== 'apply' || !is(sum.op, add) || !single(other)) return undefined;
  const place = sum.inputs.findIndex(
    (id) => openProduct(id, rewriting) && builder.node(id!).shape.join() === node.shape.join(),
  );
  if (place < 0) return undefined;
  const moved = withBias(
    openProduct(sum.inputs[place], rewriting)!,
    tensor,
    axis,
    `${node.name}/bias`,
    rewriting,
  );
  return moved === undefined
    ? undefined
    : builder.apply(
        add,
        sum.inputs.map((id, k) => (k === place ? moved : id)),
        {},
        node.name,
      );
}

function withBias(
  product: ApplyNode,
  tensor: Tensor,
  axis: number | undefined,
  name: string,
  rewriting: Rewriting,
): NodeId | undefined {
  const added = perChannel(product, tensor, axis);
  if (!added) return undefined;
  const old = product.inputs[2];
  if (old !== undefined && !isFixed(rewriting.builder.node(old))) return undefined;
  const before = old === undefined ? undefined : toDense(tensorOf(old, rewriting));
  const sum = Float32Array.from(added, (b, o) => b + (before?.[o] ?? 0));
  const id = rewriting.builder.constant(assemble(dense(), [sum.length], sum), `${name}/b`);
  return rewriting.builder.apply(
    product.op,
    [product.inputs[0], product.inputs[1], id],
    product.attrs,
    name,
  );
}

/** A constant's number for each channel of a product's output, if it has one a channel and no more. */
function perChannel(
  product: ApplyNode,
  tensor: Tensor,
  axis: number | undefined,
): Float32Array | undefined {
  const { shape } = product;
  const channel = is(product.op, conv2d) ? 1 : is(product.op, linear) ? shape.length - 1 : 0;
  const channels = shape[channel]!;
  const numbers = toDense(tensor);
  const lead = shape.length - tensor.shape.length;
  const fits =
    axis === undefined
      ? tensor.shape.every((extent, dim) => extent === 1 || dim + lead === channel)
      : axis === channel;
  if (!fits || lead < 0) return undefined;
  if (numbers.length === 1) return new Float32Array(channels).fill(numbers[0]!);
  return numbers.length === channels ? Float32Array.from(numbers) : undefined;
}

function scale(node: ApplyNode, rewriting: Rewriting): NodeId | undefined {
  const { builder, at } = rewriting;
  const inputs = node.inputs.map((id) => at(id!));
  const constant = inputs.findIndex((id) => isFixed(builder.node(id)));
  const product = constant < 0 ? undefined : openProduct(inputs[1 - constant], rewriting);
  if (!product || !is(product.op, conv2d)) return undefined;
  const factors = perChannel(product, tensorOf(inputs[constant]!, rewriting), undefined);
  const weight = builder.node(product.inputs[1]!);
  const old = product.inputs[2] === undefined ? undefined : builder.node(product.inputs[2]);
  if (!factors || !isFixed(weight) || !isDense(weight.tensor.format) || (old && !isFixed(old)))
    return undefined;
  const row = weight.tensor.stored / factors.length;
  const scaled = Float32Array.from(
    toDense(weight.tensor),
    (w, k) => w * factors[Math.floor(k / row)]!,
  );
  const w = builder.constant(assemble(dense(), weight.shape, scaled), `${node.name}/w`);
  const b =
    old &&
    builder.constant(
      assemble(
        dense(),
        old.shape,
        Float32Array.from(toDense(old.tensor), (v, o) => v * factors[o]!),
      ),
      `${node.name}/b`,
    );
  return builder.apply(product.op, [product.inputs[0], w, b], product.attrs, node.name);
}

function padding(node: ApplyNode, rewriting: Rewriting): NodeId | undefined {
  const { builder, at } = rewriting;
  const source = builder.node(at(node.inputs[0]!));
  if (source.kind !== 'apply' || !is(source.op, pad)) return undefined;
  const { padding: before, value } = source.attrs as {
    padding: readonly (readonly [number, number])[];
    value: number;
  };
  const [batch, channel, rows, columns] = before;
  if (
    value !== 0 ||
    !batch ||
    !channel ||
    !rows ||
    !columns ||
    [...batch, ...channel].some((n) => n !== 0)
  )
    return undefined;
  const [top, left, bottom, right] = (node.attrs as Conv2dAttrs).padding;
  const attrs = {
    ...node.attrs,
    padding: [top + rows[0], left + columns[0], bottom + rows[1], right + columns[1]],
  };
  return builder.apply(
    node.op,
    [
      source.inputs[0],
      ...node.inputs.slice(1).map((id) => (id === undefined ? undefined : at(id))),
    ],
    attrs,
    node.name,
  );
}

function tensorOf(id: NodeId, { builder }: Rewriting): Tensor {
  const node = builder.node(id);
  if (node.kind !== 'constant') throw new TypeError(`node ${id} is no constant`);
  return node.tensor;
}
