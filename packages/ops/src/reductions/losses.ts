// Losses: one number that says how far a result is from what was wanted. Plain functions over ops, so that their
// gradients follow.
import { sizeOf, type Tensor } from '@lacuna/ir';
import { gather } from '../moves/gather.js';
import { logSoftmax } from './logsoftmax.js';
import { mean } from './mean.js';
import { multiply } from '../pointwise/multiply.js';
import { reshape } from '../moves/reshape.js';
import { scale } from '../pointwise/scale.js';
import { refuse, show } from '../shapes.js';
import { subtract } from '../pointwise/subtract.js';
import { sum } from './sum.js';

/**
 * The mean over rows of −log softmax(logits)[target]: logits `[..., C]`, and targets as whole numbers `[...]`, or
 * as shares `[..., C]` that sum to 1.
 *
 * @throws SparseError `shape` where targets are neither.
 */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  const [shape, wanted] = [logits.shape, targets.shape];
  const rows = sizeOf(shape.slice(0, -1));
  const p = logSoftmax(logits, { axis: -1 });
  if (wanted.join() === shape.slice(0, -1).join()) {
    const flat = reshape(p, { shape: [rows, shape.at(-1)!] });
    const places = reshape(targets, { shape: [rows, 1] });
    return scale(mean(gather(flat, places, { axis: 1 })), { factor: -1 });
  }
  if (wanted.join() !== shape.join())
    refuse(
      'crossEntropy',
      `logits ${show(shape)} and targets ${show(wanted)}`,
      `write targets as ${show(shape.slice(0, -1))} in whole numbers, or as ${show(shape)}`,
    );
  return scale(sum(multiply(p, targets)), { factor: -1 / rows });
}

/** The mean of (a − b)². */
export function meanSquaredError(a: Tensor, b: Tensor): Tensor {
  const off = subtract(a, b);
  return mean(multiply(off, off));
}
