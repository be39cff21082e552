// CSC: compressed sparse columns. CSR with the two dimensions exchanged; column-major.
//
//     0 5 0       pos  0 1 2 3
//     0 0 0       crd  2 0 2      (rows)
//     7 0 9       values  7 5 9
import { layout, level } from '@lacuna/ir';

/**
 * Compressed sparse columns.
 *
 * @example
 * ```ts
 * import { assemble } from '@lacuna/ir';
 * import { csc } from '@lacuna/layouts';
 * assemble(csc(), [2, 2], [1, 2, 3, 0]).values; // Float32Array [1, 3, 2]
 * ```
 */
export const csc = layout({
  name: 'csc',
  rank: 2,
  levels: () => [level.dense('j'), level.compressed('i')],
});
