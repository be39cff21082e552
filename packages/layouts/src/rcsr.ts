// RCSR: CSR with its rows in another order, the fullest first. Rows of like length stand together, so that
// workers which take some rows each have the same work, and vectors of rows end together.
//
//     0 5 0       order   2 0 1      (rows, by falling count)
//     0 0 0       pos     0 2 3 3
//     7 0 9       crd     0 2 | 1
//                 values  7 9 | 5
import { layout, level, type AssignInput, type Assignment } from '@lacuna/ir';

/**
 * Compressed sparse rows in an order of their own, kept as a table; rows of one length keep their order. The
 * tensor is what it was: only storage is reordered.
 *
 * @example
 * ```ts
 * import { assemble, bufferOf } from '@lacuna/ir';
 * import { rcsr } from '@lacuna/layouts';
 * const t = assemble(rcsr, [3, 3], [0, 5, 0, 0, 0, 0, 7, 0, 9]);
 * bufferOf(t.pattern, 0, 'table'); // Uint8Array [2, 0, 1]
 * t.values; // Float32Array [7, 9, 5]
 * ```
 */
export const rcsr = layout({
  name: 'rcsr',
  rank: 2,
  levels: () => [level.dense('i', { by: { name: 'order', over: [] } }), level.compressed('j')],
  assign({ shape: [rows, columns], magnitude }: AssignInput): Assignment {
    const count = new Uint32Array(rows!);
    magnitude.forEach((size, flat) => size > 0 && count[Math.floor(flat / columns!)]!++);
    const order = Uint32Array.from({ length: rows! }, (_, i) => i);
    return { order: order.sort((a, b) => count[b]! - count[a]! || a - b) };
  },
});
