// ELL: the same number of entries in every row; short rows are filled up with zeros.
//
//     0 5 0       ell(2)   crd     0 1 | 0 1 | 0 2
//     0 0 0                values  0 5 | 0 0 | 7 9
//     7 0 9
import { int, layout, level } from '@lacuna/ir';

/**
 * Rows of equal width. Without a width, `ell()` takes that of the widest row when a tensor is made; a
 * row that does not fit a given width is refused.
 *
 * @example
 * ```ts
 * import { assemble, printFormat } from '@lacuna/ir';
 * import { ell } from '@lacuna/layouts';
 * printFormat(assemble(ell(), [2, 3], [0, 5, 0, 7, 0, 9]).format); // 'ell(width=2)'
 * ```
 */
export const ell = layout({
  name: 'ell',
  rank: 2,
  params: { width: int(0, 2 ** 31 - 1, 0) },
  levels: ({ width }, [, columns]) => [
    level.dense('i'),
    level.fixed('j', Math.min(width, columns!), { width: 'uint16' }),
  ],
  fit({ width }, [rows, columns], index) {
    if (width > 0) return { width };
    const counts = new Uint32Array(rows!);
    for (let e = 0; e < index.length; e++) counts[Math.floor(index[e]! / columns!)]!++;
    return { width: counts.reduce((most, count) => Math.max(most, count), 1) };
  },
});
