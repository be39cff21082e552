// BCSR: CSR of dense blocks of r × c. A block is stored when one of its entries is.
//
//     1 0 | 0 0       bcsr(2,2)   pos  0 1 2
//     0 2 | 0 0                   crd  0 1
//     ----+----                   values  1 0 0 2 | 3 4 5 6
//     0 0 | 3 4
//     0 0 | 5 6       bcsr(r,1): r rows share one list of columns, and a kernel loads each input once for
//                     all of them. At the edges blocks reach past the shape; the rest of them is zero.
import { int, layout, level } from '@lacuna/ir';

/**
 * Block-compressed sparse rows, SciPy's BSR. Any shape: blocks at the edges are filled with zeros.
 *
 * @example
 * ```ts
 * import { assemble } from '@lacuna/ir';
 * import { bcsr } from '@lacuna/layouts';
 * assemble(bcsr(2, 1), [2, 3], [0, 1, 0, 0, 0, 2]).values; // Float32Array [1, 0, 0, 2]
 * ```
 */
export const bcsr = layout({
  name: 'bcsr',
  rank: 2,
  params: { rows: int(1, 1024), columns: int(1, 1024) },
  levels: ({ rows, columns }) => [
    level.dense(`i/${rows}`),
    level.compressed(`j/${columns}`),
    level.dense(`i%${rows}`),
    level.dense(`j%${columns}`),
  ],
});
