// groupNorm: groups of channels of an image with mean 0 and variance 1, times a gain a channel, plus a bias
// (Wu & He, 2018): layerNorm under another shape.
import { sizeOf, type Tensor } from '@lacuna/ir';
import { add } from '../pointwise/add.js';
import { layerNorm } from './layernorm.js';
import { multiply } from '../pointwise/multiply.js';
import { reshape } from '../moves/reshape.js';
import { refuse, show } from '../shapes.js';

/** What {@link groupNorm} is told. */
export interface GroupNormOptions {
  readonly groups: number;
  /** One number a channel. */
  readonly gain?: Tensor | undefined;
  readonly bias?: Tensor | undefined;
  readonly epsilon?: number;
}

/**
 * Normalises x `[B, C, …]` over each group of channels of each image.
 *
 * @throws SparseError `shape` where channels do not fall into the groups.
 */
export function groupNorm(
  x: Tensor,
  { groups, gain, bias, epsilon = 1e-5 }: GroupNormOptions,
): Tensor {
  const { shape } = x;
  if (shape.length < 2 || !(Number.isInteger(groups) && groups > 0) || shape[1]! % groups)
    refuse('groupNorm', `x ${show(shape)} and ${groups} groups`, 'write groups that divide C');
  const rows = [shape[0]! * groups, sizeOf(shape.slice(1)) / groups];
  const unit = reshape(layerNorm(reshape(x, { shape: rows }), { dims: 1, epsilon }), {
    shape: [...shape],
  });
  const channels = { shape: [shape[1]!, ...shape.slice(2).map(() => 1)] };
  const scaled = gain ? multiply(unit, reshape(gain, channels)) : unit;
  return bias ? add(scaled, reshape(bias, channels)) : scaled;
}
