// Ops as TFLite operators.
import {
  toDense,
  type BiasAddAttrs,
  type Conv2dAttrs,
  type MatmulAttrs,
  type MeanAttrs,
  type NodeId,
  type TransposeAttrs,
} from '@lacuna/lacuna';
import { activations, convolve, filterOf } from './convolution.js';
import type { Rule, Scope } from './network.js';
import { byte } from './tables.js';

/** Rules by the names of ops. */
export const rules: Readonly<Record<string, Rule>> = {
  conv2d({ attrs, inputs: [x, w, bias], shape }, scope) {
    const { groups, ...window } = attrs as Conv2dAttrs;
    const [n, channels, height, width] = shape as Four;
    const { numbers, shape: sizes } = constant(scope, w);
    const filter = filterOf(scope.model, numbers, sizes as Four, groups);
    const b = biasOf(scope, bias, channels);
    return convolve(scope.model, scope.value(x), filter, b, window, [n, height, width, channels]);
  },

  matmul({ attrs, inputs: [w, x, bias] }, scope) {
    const { transposeA, transposeB, activation } = attrs as MatmulAttrs;
    if (transposeA || transposeB) throw new Error('a product with a transposed factor');
    const { model, sparse } = scope;
    const { numbers, shape } = constant(scope, w);
    const [m, k] = shape as [number, number];
    const [from, b] = [scope.value(x), biasOf(scope, bias, m)];
    if (from.shape.length === 2) {
      const inputs = [from.tensor, model.constant([m, k], numbers), b];
      const options = { 0: byte(activations[activation]) };
      return { tensor: model.apply('fullyConnected', inputs, [1, m], options), shape: [1, m] };
    }
    const weights = [m, 1, 1, k];
    const tensor = sparse ? model.sparse(weights, numbers) : model.constant(weights, numbers);
    const filter = { operator: 'conv2d', tensor, size: [1, 1] } as const;
    return convolve(model, from, filter, b, { ...pointwise, activation }, [
      ...from.shape.slice(0, 3),
      m,
    ]);
  },

  /** To channels first, from what they are here. */
  transpose({ attrs, inputs: [x] }, { value }) {
    const order = (attrs as TransposeAttrs).permutation.join();
    if (order !== '0,3,1,2') throw new Error(`a transpose by ${order}`);
    return value(x);
  },

  reshape({ inputs: [x], shape }, { value }) {
    const from = value(x);
    const channels = from.shape.at(-1);
    if (from.shape.length === 4 && shape[0] !== channels && shape[1] !== channels)
      throw new Error(`a reshape of [${from.shape.join()}] that does not keep channels`);
    return from;
  },

  /** Over the image, to a vector. */
  mean({ attrs, inputs: [x] }, { model, value }) {
    const axes = String((attrs as MeanAttrs).axes);
    if (axes !== '2,3') throw new Error(`a mean over ${axes}`);
    const from = value(x);
    const shape = [1, from.shape.at(-1)!];
    const keepDims = { 0: byte(1) };
    const over = model.constant([2], Int32Array.of(1, 2));
    const mean = model.apply('mean', [from.tensor, over], [1, 1, ...shape], keepDims);
    const to = model.constant([2], Int32Array.from(shape));
    return { tensor: model.apply('reshape', [mean, to], shape), shape };
  },

  add({ inputs: [a, b] }, { model, value }) {
    const [x, y] = [value(a), value(b)];
    return { ...x, tensor: model.apply('add', [x.tensor, y.tensor], x.shape) };
  },

  biasAdd({ attrs, inputs: [x, b], shape }, scope) {
    const from = scope.value(x);
    const { numbers } = constant(scope, b);
    if (shape[(attrs as BiasAddAttrs).axis] !== from.shape.at(-1))
      throw new Error('a bias of rows');
    const bias = scope.model.constant([numbers.length], numbers);
    return { ...from, tensor: scope.model.apply('add', [from.tensor, bias], from.shape) };
  },

  sigmoid({ inputs: [x] }, { model, value }) {
    const from = value(x);
    return { ...from, tensor: model.apply('logistic', [from.tensor], from.shape) };
  },
};

type Four = readonly [number, number, number, number];

const pointwise = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1] } as const;

function constant({ graph }: Scope, id: NodeId | undefined) {
  const node = graph.nodes[id!];
  if (node?.kind !== 'constant') throw new Error('a factor that is not constant');
  return { numbers: Float32Array.from(toDense(node.tensor)), shape: node.shape };
}

/** A convolution has a bias always. */
function biasOf(scope: Scope, id: NodeId | undefined, channels: number): number {
  const numbers = id === undefined ? new Float32Array(channels) : constant(scope, id).numbers;
  return scope.model.constant([channels], numbers);
}
