// COO: a row and a column for every entry, in row-major order.
//
//     0 5 0       rows     crd  0 2 2    (one segment; a row comes as often as it has entries)
//     0 0 0       columns  crd  1 0 2
//     7 0 9       values   5 7 9
import { layout, level } from '@lacuna/ir';

/**
 * Coordinates: the format of most files, and the least work to make.
 *
 * @example
 * ```ts
 * import { assemble, bufferOf } from '@lacuna/ir';
 * import { coo } from '@lacuna/layouts';
 * const t = assemble(coo(), [2, 2], [1, 2, 0, 3]);
 * bufferOf(t.pattern, 0, 'crd'); // Uint16Array [0, 0, 1]
 * bufferOf(t.pattern, 1, 'crd'); // Uint16Array [0, 1, 1]
 * ```
 */
export const coo = layout({
  name: 'coo',
  rank: 2,
  levels: () => [level.compressed('i', { unique: false }), level.singleton('j')],
});
