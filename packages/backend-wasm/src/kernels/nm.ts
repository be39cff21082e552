// Plain n:m on the left: every row (or every column of a block of rows) picks for itself, so each entry
// costs a load, as in CSR; coordinates are one byte.
import { nm } from '@lacuna/layouts';
import { lastOf, type Family } from './family.js';

/** Products with n:m on the left, along the inputs or the outputs. */
export const nmFamily: Family = {
  name: 'nm',
  layout: nm,
  takes: ({ shape, format }) => shape.length === 2 && format.params['m']! <= 256,
  panel: () => 16,
  share: (_, n) => 0.4 * Math.min(1, (n + 8) / 40),
  scratch: ({ format }) => format.params['m']! * 4,
  bind: (_, w, { x, n, bias, act, y, scratch }) => {
    const {
      n: kept,
      m: block,
      along,
    } = w.operand.format.params as { n: number; m: number; along: number };
    const [rows, k] = w.operand.shape as [number, number];
    const crd = w.buffer(2, 'crd');
    if (along === 1) {
      const args = [k, n, kept, block, crd, w.values, ...x, bias, act, y, n];
      return { name: 'nm', units: rows, args };
    }
    // Levels (j: dense, i/m: dense, i%m: fixed(n)): a column's blocks lie side by side.
    const blocks = Math.ceil(rows / block);
    const by = [kept, blocks * kept];
    const args = [rows, k, n, kept, block, ...by, crd, w.values, ...x, bias, act, y, n, scratch];
    return { name: 'nm_out', units: blocks, args, own: lastOf(args, block * 4 * 4) };
  },
};
