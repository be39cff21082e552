// Bitmask: one bit an element, and the values of the set bits. Small at the densities of networks: at
// 14 % non-zero a float16 weight takes 1 + 2.2 bits an element, where CSR takes 2.2 + 2.2.
//
//     0 5 0       mask    0b010  0b000  0b101    (a row starts at a byte; column c is bit c % 8)
//     0 0 0       rank    0 1 1 3                (values before a row)
//     7 0 9       values  5 7 9
import { layout, level } from '@lacuna/ir';

/**
 * Rows of bits with the values of the set ones.
 *
 * @example
 * ```ts
 * import { assemble, bufferOf } from '@lacuna/ir';
 * import { bitmask } from '@lacuna/layouts';
 * bufferOf(assemble(bitmask(), [1, 3], [7, 0, 9]).pattern, 1, 'mask'); // Uint8Array [5]
 * ```
 */
export const bitmask = layout({
  name: 'bitmask',
  rank: 2,
  levels: () => [level.dense('i'), level.bitmask('j')],
});
