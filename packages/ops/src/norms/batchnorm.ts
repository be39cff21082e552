// batchNorm: channels with mean 0 and variance 1 (Ioffe & Szegedy, 2015). In training, by the mean and variance
// of the batch, which are given out for running averages; in use, by those averages.
import { assemble, dense, type Shape, type Tensor } from '@lacuna/ir';
import { add } from '../pointwise/add.js';
import { mean } from '../reductions/mean.js';
import { multiply } from '../pointwise/multiply.js';
import { reshape } from '../moves/reshape.js';
import { rsqrt } from '../pointwise/rsqrt.js';
import { subtract } from '../pointwise/subtract.js';
import { variance as varianceOf } from '../reductions/variance.js';

/** What {@link batchNorm} is told: each tensor has one number a channel. */
export interface BatchNormOptions {
  readonly gain?: Tensor | undefined;
  readonly bias?: Tensor | undefined;
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly epsilon?: number;
}

/** What {@link batchNormTrain} gives. */
export interface BatchNormResult {
  readonly y: Tensor;
  /** Mean and variance of the batch, one number a channel. */
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** A dense tensor of one number. */
export const numberOf = (value: number): Tensor => assemble(dense(), [], [value]);

/** One number a channel, to go with x `[B, C, …]`. */
const perChannel = (t: Tensor, x: Shape): Tensor =>
  reshape(t, { shape: [x[1]!, ...x.slice(2).map(() => 1)] });

/** `(x − mean) / √(variance + ε) · gain + bias` for x `[B, C, …]`. */
export function batchNorm(
  x: Tensor,
  { gain, bias, mean: middle, variance, epsilon = 1e-5 }: BatchNormOptions,
): Tensor {
  const inverse = rsqrt(add(variance, numberOf(epsilon)));
  const factor = gain ? multiply(inverse, gain) : inverse;
  const shift = multiply(middle, factor);
  const scaled = subtract(multiply(x, perChannel(factor, x.shape)), perChannel(shift, x.shape));
  return bias ? add(scaled, perChannel(bias, x.shape)) : scaled;
}

/** {@link batchNorm} by the mean and variance of the batch itself; gradients go through both. */
export function batchNormTrain(
  x: Tensor,
  { gain, bias, epsilon = 1e-5 }: Pick<BatchNormOptions, 'gain' | 'bias' | 'epsilon'> = {},
): BatchNormResult {
  const axes = x.shape.map((_, dim) => dim).filter((dim) => dim !== 1);
  const middle = mean(x, { axes, keepDims: false });
  const variance = varianceOf(x, { axes });
  const off = subtract(x, perChannel(middle, x.shape));
  const inverse = rsqrt(add(variance, numberOf(epsilon)));
  const factor = gain ? multiply(inverse, gain) : inverse;
  const scaled = multiply(off, perChannel(factor, x.shape));
  const y = bias ? add(scaled, perChannel(bias, x.shape)) : scaled;
  return { y, mean: middle, variance };
}
