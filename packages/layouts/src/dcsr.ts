// DCSR: doubly compressed sparse rows. Rows without entries take no space at all.
//
//     0 5 0       rows     pos  0 2      crd  0 2
//     0 0 0       columns  pos  0 1 3    crd  1 0 2
//     7 0 9       values   5 7 9
import { layout, level } from '@lacuna/ir';

/**
 * Doubly compressed sparse rows: for matrices most of whose rows are empty.
 *
 * @example
 * ```ts
 * import { assemble, bufferOf } from '@lacuna/ir';
 * import { dcsr } from '@lacuna/layouts';
 * bufferOf(assemble(dcsr(), [3, 1], [0, 0, 4]).pattern, 0, 'crd'); // Uint16Array [2]
 * ```
 */
export const dcsr = layout({
  name: 'dcsr',
  rank: 2,
  levels: () => [level.compressed('i'), level.compressed('j')],
});
