// Threshold pruning: what is small is dropped, however much that is.
import { SparseError, sparsifier, type Sparsifier } from '@lacuna/ir';
import { magnitudes } from './check.js';
import { rowLength } from './rows.js';

/** What {@link threshold} is told. */
export interface ThresholdOptions {
  /** The least |x| that is kept; with `per`, as a share of the largest |x|. */
  readonly value: number;
  /** Absent: `value` is a magnitude. Else it is a share of the largest |x| of the tensor, or of each row. */
  readonly per?: 'tensor' | 'row';
}

/**
 * Keeps what is not zero and at least `value` in magnitude, or at least `value` times the largest
 * magnitude of the tensor or of its row.
 *
 * @throws SparseError `unsupported` for a value that is negative or no number, and for numbers that are
 * not finite.
 * @example
 * ```ts
 * import { threshold } from '@lacuna/sparsifiers';
 * threshold({ value: 2 }).keep(Float32Array.of(1, -2, 3), [3]); // Uint8Array [0, 1, 1]
 * threshold({ value: 0.5, per: 'row' }).keep(Float32Array.of(1, 4, 2, 1), [2, 2]); // Uint8Array [0, 1, 1, 1]
 * ```
 */
export function threshold({ value, per }: ThresholdOptions): Sparsifier {
  if (!(value >= 0 && value < Infinity))
    throw new SparseError('unsupported', `threshold was given value = ${value}`, {
      detail: { value },
      hint: 'write the least magnitude to keep, 0 or more',
    });
  return sparsifier({
    name: 'threshold',
    kind: per === undefined ? 'streaming' : per === 'row' ? 'blocking' : 'materialising',
    params: { value, ...(per && { per }) },
    rule: {
      keeps: 'large',
      least: value,
      ...(per && { of: per === 'row' ? { along: -1 } : per }),
    },
    keep(numbers, shape) {
      const sizes = magnitudes('threshold', numbers, shape);
      const kept = new Uint8Array(sizes.length);
      const run = per === 'row' ? rowLength(shape) : sizes.length;
      for (let begin = 0; begin < sizes.length; begin += run) {
        let largest = 0;
        for (let at = begin; at < begin + run; at++) largest = Math.max(largest, sizes[at]!);
        const least = per ? value * largest : value;
        for (let at = begin; at < begin + run; at++)
          kept[at] = Number(sizes[at]! > 0 && sizes[at]! >= least);
      }
      return kept;
    },
  });
}
