// Magnitude pruning: a fraction is dropped, the smallest |x| first.
//
//     |x|    3 1 4 1 5      fraction 0.5: rank >= 2.5 stays, so three are dropped
//     rank   2 0 3 1 4      kept   . . 4 . 5       (equal ones are dropped from the left)
import { sparsifier, type Sparsifier } from '@lacuna/ir';
import { checkBudget, countBudget, dropped, keepBudget, runsOf, type Budget } from './budget.js';
import { magnitudes } from './check.js';

/** What {@link magnitude} is told: the fraction to drop or the count to keep, and of what. */
export type MagnitudeOptions = Budget;

/**
 * Drops the given fraction of numbers, the smallest |x| first: keeps those whose rank by ascending |x|
 * (ties by index) is at least `fround(fraction · count)`. Zeros that rank high enough are kept, so the
 * count is known beforehand. `per` compares within rows, columns or groups of neighbours instead.
 *
 * @throws SparseError `unsupported` for a fraction outside 0..1, and for numbers that are not finite.
 * Source: STen, `ScalarFractionSparsifier`.
 * @example
 * ```ts
 * import { magnitude } from '@lacuna/sparsifiers';
 * magnitude({ fraction: 0.5 }).keep(Float32Array.of(3, -1, 4, 1), [4]); // Uint8Array [1, 0, 1, 0]
 * magnitude({ count: 1, per: 'column' }).keep(Float32Array.of(3, -1, 4, 1), [2, 2]); // Uint8Array [0, 0, 1, 1]
 * ```
 */
export function magnitude(budget: MagnitudeOptions): Sparsifier {
  return sparsifier({
    name: 'magnitude',
    kind: budget.per === undefined || budget.per === 'tensor' ? 'materialising' : 'blocking',
    params: checkBudget('magnitude', budget),
    rule: {
      keeps: 'greatest',
      of: runsOf(budget),
      drop: (count) => dropped(budget, count),
      ties: 'last',
    },
    keep: (numbers, shape) => keepBudget(magnitudes('magnitude', numbers, shape), shape, budget),
    score: (numbers, shape) => magnitudes('magnitude', numbers, shape),
    at: (fraction) => {
      const { count: _, ...rest } = budget;
      return magnitude({ ...rest, fraction });
    },
    count: (shape) => countBudget(shape, budget),
  });
}
