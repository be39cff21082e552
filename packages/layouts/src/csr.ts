// CSR: compressed sparse rows. Every row in order, in each row the columns that are stored.
//
//     0 5 0       pos  0 1 1 3
//     0 0 0       crd  1 0 2
//     7 0 9       values  5 7 9
import { layout, level } from '@lacuna/ir';

/**
 * Compressed sparse rows: SciPy's `indptr` is `pos`, its `indices` is `crd`.
 *
 * @example
 * ```ts
 * import { assemble, bufferOf } from '@lacuna/ir';
 * import { csr } from '@lacuna/layouts';
 * const t = assemble(csr(), [3, 3], [0, 5, 0, 0, 0, 0, 7, 0, 9]);
 * bufferOf(t.pattern, 1, 'pos'); // Uint32Array [0, 1, 1, 3]
 * ```
 */
export const csr = layout({
  name: 'csr',
  rank: 2,
  levels: () => [level.dense('i'), level.compressed('j')],
});
