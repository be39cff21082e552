// Delta: CSR whose columns are stored as gaps, a byte each: how many columns were passed over.
//
//     0 5 0 0 7       pos     0 2 2 3
//     0 0 0 0 0       crd     1 2 | | 0    (column 1; two passed over, so 4; column 0)
//     9 0 0 0 0       values  5 7 | | 9
//
// A gap wider than 255 is crossed by stored zeros, one every 256 columns: like the zeros that fill up a block,
// they are places of the pattern. At the densities of networks there are next to none: at 5 % one entry in half
// a million. A gap cannot repeat a column or go back, so every row of bytes is in order.
import { layout, level } from '@lacuna/ir';

/**
 * Compressed sparse rows with one byte a column. Half the structure of {@link csr} for up to 65,536 columns, a
 * quarter beyond.
 *
 * @example
 * ```ts
 * import { assemble, bufferOf } from '@lacuna/ir';
 * import { delta } from '@lacuna/layouts';
 * bufferOf(assemble(delta, [1, 5], [0, 5, 0, 0, 7]).pattern, 1, 'crd'); // Uint8Array [1, 2]
 * assemble(delta, [1, 300], Array.from({ length: 300 }, (_, j) => Number(j === 299))).values; // Float32Array [0, 1]
 * ```
 */
export const delta = layout({
  name: 'delta',
  rank: 2,
  levels: () => [level.dense('i'), level.compressed('j', { delta: true })],
});
