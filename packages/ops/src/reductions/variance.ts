// variance: the mean squared distance from the mean, over some of the dimensions.
import { sizeOf, type Tensor } from '@lacuna/ir';
import { mean, type MeanAttrs } from './mean.js';
import { multiply } from '../pointwise/multiply.js';
import { keptShape } from './reduce.js';
import { scale } from '../pointwise/scale.js';
import { subtract } from '../pointwise/subtract.js';

/** What {@link variance} may be told. */
export interface VarianceOptions extends MeanAttrs {
  /** Taken off the count: 1 for the variance of a population seen by a sample; default 0. */
  readonly correction: number;
}

/** `mean((x − mean x)²)` over `axes`, in two passes. */
export function variance(
  x: Tensor,
  { axes = 'all', keepDims = false, correction = 0 }: Partial<VarianceOptions> = {},
): Tensor {
  const off = subtract(x, mean(x, { axes, keepDims: true }));
  const square = mean(multiply(off, off), { axes, keepDims });
  const count = sizeOf(x.shape) / sizeOf(keptShape('variance', x.shape, axes));
  return correction === 0 ? square : scale(square, { factor: count / (count - correction) });
}
