// Layers of linear and relu, the last without: the smallest network worth making sparse.
import { SparseError, type Tensor } from '@lacuna/ir';
import { linear, relu } from '@lacuna/ops';
import { constant, he } from './initialise.js';
import type { Model } from './model.js';

/**
 * A network of fully connected layers: parameters `layers.0.weight`, `layers.0.bias`, …; values `hidden0`, … after
 * each relu.
 *
 * @throws SparseError `shape` for fewer than two sizes.
 * @example
 * ```ts
 * import { mlp } from '@lacuna/train';
 * const model = mlp({ sizes: [64, 128, 10], seed: 1 });
 * Object.keys(model.parameters); // [ 'layers.0.weight', 'layers.0.bias', 'layers.1.weight', 'layers.1.bias' ]
 * model.values; // [ 'hidden0' ]
 * ```
 */
export function mlp({
  sizes,
  seed,
}: {
  readonly sizes: readonly number[];
  readonly seed: number;
}): Model {
  if (sizes.length < 2)
    throw new SparseError('shape', `mlp was given sizes [${sizes.join(', ')}]`, {
      hint: 'write at least the inputs and the outputs, such as [64, 128, 10]',
    });
  const parameters: Record<string, Tensor> = {};
  const layers = sizes.slice(1);
  layers.forEach((outputs, k) => {
    const name = `layers.${k}.weight`;
    parameters[name] = he([outputs, sizes[k]!], { seed, name });
    parameters[`layers.${k}.bias`] = constant([outputs]);
  });
  return {
    parameters,
    values: layers.slice(1).map((_, k) => `hidden${k}`),
    forward: (w, inputs, { named }) =>
      layers.reduce((x, _, k) => {
        const y = linear(x, w[`layers.${k}.weight`], w[`layers.${k}.bias`]);
        return k < layers.length - 1 ? named(`hidden${k}`, relu(y)) : y;
      }, inputs),
  };
}
