// n:m magnitude pruning: the n largest of every m neighbours stay.
//
//     2:4    1 -3 2 0 | 5 5 5 5   ->   . -3 2 . | 5 5 . .      (ties: the lower index)
import { SparseError, sizeOf, sparsifier, stridesOf, type Sparsifier } from '@lacuna/ir';
import { nm } from '@lacuna/layouts';
import { magnitudes } from './check.js';
import { dropCount } from './rank.js';

/** What {@link nmMagnitude} is told. */
export interface NmOptions {
  readonly n: number;
  readonly m: number;
  /** The dimension along which blocks run; 1, the inputs, by default, as in the layout `nm`. */
  readonly along?: number;
}

/**
 * Keeps the n largest |x| of every m along a dimension, the lower index first where they are equal. Goes
 * with `nm(n, m, along)`. A schedule's fraction sets n, rounded down.
 *
 * @throws SparseError `format` for n > m and the like; `shape` where the dimension is missing;
 * `unsupported` for numbers that are not finite.
 * @example
 * ```ts
 * import { nmMagnitude } from '@lacuna/sparsifiers';
 * nmMagnitude({ n: 1, m: 2 }).keep(Float32Array.of(1, -3, 2, 2), [1, 4]); // Uint8Array [0, 1, 1, 0]
 * ```
 */
export function nmMagnitude({ n, m, along = 1 }: NmOptions): Sparsifier {
  nm(n, m, along); // refuses what is no n:m
  return sparsifier({
    name: 'nmMagnitude',
    kind: 'blocking',
    params: { n, m, along },
    at: (fraction) => nmMagnitude({ n: m - dropCount(fraction, m), m, along }),
    rule: {
      keeps: 'greatest',
      of: { along, size: m },
      drop: (count) => Math.max(0, count - n),
      ties: 'first',
    },
    keep(numbers, shape) {
      const extent = shape[along];
      if (extent === undefined)
        throw new SparseError(
          'shape',
          `nmMagnitude runs along = ${along}, and [${shape.join(', ')}] has ${shape.length} dimensions`,
          { hint: `choose along below ${shape.length}` },
        );
      const sizes = magnitudes('nmMagnitude', numbers, shape);
      const kept = new Uint8Array(sizes.length);
      const stride = stridesOf(shape)[along]!;
      const top = new Float64Array(n); // descending
      const topAt = new Float64Array(n);
      for (let run = 0; run < sizeOf(shape); run += stride * extent) {
        for (let lane = run; lane < run + stride; lane++) {
          for (let block = 0; block < extent; block += m) {
            let filled = 0;
            for (let c = block; c < Math.min(block + m, extent); c++) {
              const at = lane + c * stride;
              const x = sizes[at]!;
              if (filled === n && x <= top[n - 1]!) continue;
              let place = filled < n ? filled++ : n - 1;
              for (; place > 0 && top[place - 1]! < x; place--) {
                top[place] = top[place - 1]!;
                topAt[place] = topAt[place - 1]!;
              }
              top[place] = x;
              topAt[place] = at;
            }
            for (let t = 0; t < filled; t++) kept[topAt[t]!] = 1;
          }
        }
      }
      return kept;
    },
  });
}
