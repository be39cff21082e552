// How parameters begin: normal numbers whose variance keeps a signal's size from layer to layer.
import { assemble, dense, sizeOf, type Shape, type Tensor } from '@lacuna/ir';
import { randomOf } from './random.js';

/** What an initialiser is told. */
export interface Initial {
  readonly seed: number;
  /** Tells parameters of one seed apart. */
  readonly name: string;
}

/** Inputs of one output: for a weight [outputs, inputs, …], everything but the first dimension. */
const fanIn = (shape: Shape): number => sizeOf(shape.slice(1));
const fanOut = (shape: Shape): number => (shape[0] ?? 1) * sizeOf(shape.slice(2));

function normal(shape: Shape, deviation: number, { seed, name }: Initial): Tensor {
  const random = randomOf(seed, name);
  const numbers = Float32Array.from({ length: sizeOf(shape) }, () => deviation * random.normal());
  return assemble(dense(), shape, numbers);
}

/**
 * Variance 2 / inputs, for layers that relu follows (He et al., 2015).
 *
 * @example
 * ```ts
 * import { he } from '@lacuna/train';
 * he([3, 2], { seed: 1, name: 'w' }).toString(); // 'dense [3, 2] float32, 6 stored'
 * ```
 */
export function he(shape: Shape, about: Initial): Tensor {
  return normal(shape, Math.sqrt(2 / Math.max(1, fanIn(shape))), about);
}

/** Variance 2 / (inputs + outputs), for layers that nothing or tanh follows (Glorot and Bengio, 2010). */
export function xavier(shape: Shape, about: Initial): Tensor {
  return normal(shape, Math.sqrt(2 / Math.max(1, fanIn(shape) + fanOut(shape))), about);
}

/** The same number everywhere; 0 for biases. */
export function constant(shape: Shape, value = 0): Tensor {
  return assemble(dense(), shape, new Float32Array(sizeOf(shape)).fill(value));
}
