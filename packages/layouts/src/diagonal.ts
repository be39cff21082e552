// Diagonal: the diagonals that have an entry, each from end to end. SciPy's DIA.
//
//     1 5 . .       pos     0 2
//     . 2 6 .       crd     2 3            (j − i, counted from the lowest left corner: 2 is the main one)
//     . . 3 7       values  1 2 3 | 5 6 7
//
// Nothing is stored for where a diagonal runs: its number and the shape say it. All have room for min(rows,
// columns) values, of which the short ones leave the last unused.
import { layout, level } from '@lacuna/ir';

/**
 * Diagonals of a matrix, for bands and stencils: one number of structure a diagonal.
 *
 * @example
 * ```ts
 * import { assemble, bufferOf } from '@lacuna/ir';
 * import { diagonal } from '@lacuna/layouts';
 * const t = assemble(diagonal, [3, 4], [1, 5, 0, 0, 0, 2, 6, 0, 0, 0, 3, 7]);
 * t.values; // Float32Array [1, 2, 3, 5, 6, 7]
 * bufferOf(t.pattern, 0, 'crd'); // Uint16Array [2, 3]
 * ```
 */
export const diagonal = layout({
  name: 'diagonal',
  rank: 2,
  levels: () => [level.compressed('j-i'), level.range('i', 'j-i')],
});
