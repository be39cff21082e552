// Butterfly: one factor of a fast transform. Rows r and r ± h of each block of 2h meet columns r and r ± h.
//
//     a . b . | . . . .      butterfly(2), blocks of 4: four diagonals of length h, and no structure at all
//     . c . d | . . . .
//     e . f . | . . . .      values  a c | b d | e g | f k | l …   (by block, half of the rows, half of the columns)
//     . g . k | . . . .
//     --------+--------      log₂ n of them, h = n/2 … 1, have full support together: see `butterflies` in
//     . . . . | l . m .      @lacuna/compositions
import { int, layout, level } from '@lacuna/ir';

/**
 * One butterfly factor with halves of h: i and j lie in the same block of 2h, and agree modulo h. Holds nothing
 * else, and stores two numbers a row.
 *
 * @example
 * ```ts
 * import { assemble, printFormat } from '@lacuna/ir';
 * import { butterflyFactor } from '@lacuna/layouts';
 * const t = assemble(butterflyFactor(1), [2, 2], [1, 2, 3, 4]);
 * t.values; // Float32Array [1, 2, 3, 4]
 * printFormat(t.format); // 'butterfly(1)'
 * t.bytes; // 16
 * ```
 */
export const butterflyFactor = layout({
  name: 'butterfly',
  rank: 2,
  params: { h: int(1, 2 ** 20) },
  levels: ({ h }) => [
    level.dense(`i/${2 * h}=j/${2 * h}`),
    level.dense(`(i/${h})%2`),
    level.dense(`(j/${h})%2`),
    level.dense(`i%${h}=j%${h}`),
  ],
});
