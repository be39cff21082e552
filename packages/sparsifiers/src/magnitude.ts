// Magnitude pruning: a fraction is dropped, the smallest |x| first.
//
//     |x|    3 1 4 1 5      fraction 0.5: rank >= 2.5 stays, so three are dropped
//     rank   2 0 3 1 4      kept   . . 4 . 5       (equal ones are dropped from the left)
import { sizeOf, sparsifier, type Sparsifier } from '@lacuna/ir';
import { checkFraction, magnitudes } from './check.js';
import { dropCount, keepGreatest } from './rank.js';
import { rowLength } from './rows.js';

/** What {@link magnitude} is told. */
export interface MagnitudeOptions {
  /** The share to drop, 0..1. */
  readonly fraction: number;
  /** Compare all numbers (the default), or those of each row: all that differ in the last coordinate only. */
  readonly per?: 'tensor' | 'row';
}

/**
 * Drops the given fraction of numbers, the smallest |x| first: keeps those whose rank by ascending |x|
 * (ties by index) is at least `fround(fraction · count)`. Zeros that rank high enough are kept, so the
 * count is known beforehand.
 *
 * @throws SparseError `unsupported` for a fraction outside 0..1, and for numbers that are not finite.
 * Source: STen, `ScalarFractionSparsifier`.
 * @example
 * ```ts
 * import { magnitude } from '@lacuna/sparsifiers';
 * magnitude({ fraction: 0.5 }).keep(Float32Array.of(3, -1, 4, 1), [4]); // Uint8Array [1, 0, 1, 0]
 * ```
 */
export function magnitude({ fraction, per = 'tensor' }: MagnitudeOptions): Sparsifier {
  checkFraction('magnitude', fraction);
  return sparsifier({
    name: 'magnitude',
    kind: 'materialising',
    params: { fraction, ...(per === 'row' && { per }) },
    keep(numbers, shape) {
      const sizes = magnitudes('magnitude', numbers, shape);
      const kept = new Uint8Array(sizes.length);
      const run = per === 'row' ? rowLength(shape) : sizes.length;
      const drop = dropCount(fraction, run);
      for (let begin = 0; begin < sizes.length; begin += run)
        keepGreatest(sizes, begin, begin + run, drop, kept);
      return kept;
    },
    count(shape) {
      const run = per === 'row' ? rowLength(shape) : sizeOf(shape);
      const rows = run === 0 ? 0 : sizeOf(shape) / run;
      return rows * (run - dropCount(fraction, run));
    },
  });
}
