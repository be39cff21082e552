// Reading with strides: one loop that serves transposes, broadcasting and depth to space.
import { sizeOf, stridesOf, type Shape } from '@lacuna/ir';

/**
 * Row-major numbers of `shape`, where coordinate c reads `numbers[Σ c·step]`.
 *
 * @example
 * ```ts
 * // The transpose of [2, 3].
 * strided([1, 2, 3, 4, 5, 6], [3, 2], [1, 3]); // Float64Array [1, 4, 2, 5, 3, 6]
 * ```
 */
export function strided(
  numbers: ArrayLike<number>,
  shape: Shape,
  steps: readonly number[],
): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  const strides = stridesOf(shape);
  for (let at = 0; at < out.length; at++) {
    let from = 0;
    let rest = at;
    for (let dim = 0; dim < strides.length; dim++) {
      const c = Math.floor(rest / strides[dim]!);
      rest -= c * strides[dim]!;
      from += c * steps[dim]!;
    }
    out[at] = numbers[from]!;
  }
  return out;
}
