// Row groups, bcsr(v,1): v rows share their columns, so that a loaded x vector serves v sums and the loop is
// bound by multiply-adds, as dense is.
import type { OperandType } from '@lacuna/ir';
import { bcsr } from '@lacuna/layouts';
import { spread } from './compressed.js';
import { csrFamily } from './csr.js';
import { coordinateBytes, usesOf, type Family } from './family.js';
import { registers } from './dense.js';

/** Groups of one row are stored as csr is. */
const single = ({ format }: OperandType): boolean => format.params['rows'] === 1;
const narrow = ({ format }: OperandType): boolean => format.params['columns'] === 1;

const { packs: _, ...asCsr } = csrFamily;
/** Products with groups of one row on the left. */
export const singleRows: Family = {
  ...asCsr,
  name: 'single-rows',
  layout: bcsr,
  takes: (w) => narrow(w) && single(w),
};

/** Products with row groups on the left. */
export const bcsrFamily: Family = {
  name: 'rows',
  layout: bcsr,
  takes: (w) => narrow(w) && !single(w),
  panel: () => 24,
  packs: 'any',
  // Even a small x gains a few hundredths.
  packed: (w, n) => n >= 32 && usesOf(w) >= 32,
  share: ({ format }, n) =>
    n === 1
      ? share1(format.params['rows']!)
      : shareMany(format.params['rows']!) * Math.min(1, (n + 4) / 12),
  bind: (exports, w, { x, n, bias, act, y }) => {
    const [m, k] = w.operand.shape as [number, number];
    const v = w.operand.format.params['rows']!;
    const [pos, crd, bytes] = [w.buffer(1, 'pos'), w.buffer(1, 'crd'), coordinateBytes(w, 1)];
    const groups = Math.ceil(m / v);
    const regs = registers(exports);
    const args = [m, v, k, n, pos, crd, bytes, w.values, ...x, bias, act, ...y, regs];
    return { name: 'rows', units: groups, args };
  },
  bindVector: (_, w, { x, bias, act, y }) => {
    const [m, v] = [w.operand.shape[0]!, w.operand.format.params['rows']!];
    const [pos, crd, bytes] = [w.buffer(1, 'pos'), w.buffer(1, 'crd'), coordinateBytes(w, 1)];
    const groups = Math.ceil(m / v);
    const args = [m, v, pos, crd, bytes, w.values, x[0], bias, act, y[0]];
    return { name: 'rows_vec', units: groups, args };
  },
};

/** Products with the transpose of row groups: the rows of x that a group meets stay in registers. */
export const bcsrTurned: Family = {
  name: 'rows-turned',
  layout: bcsr,
  turned: true,
  takes: ({ format }) =>
    format.params['columns'] === 1 &&
    (format.params['rows']! % 2 === 0 || format.params['rows']! % 3 === 0),
  panel: () => 24,
  share: (_, n) => 0.8 * Math.min(1, (n + 4) / 12),
  scratch: ({ shape }) => shape[1]! * 24,
  bind: (_, w, right) => spread(w, right, w.operand.format.params['rows']!),
};

/** Share of peak for many positions: pairs of rows, any. */
const shareMany = (v: number): number => (v % 2 === 0 ? 0.91 : 0.45);
/** Share of peak for one position, lanes over the rows of a group. */
const share1 = (v: number): number => (v % 16 === 0 ? 0.55 : v % 4 === 0 ? 0.33 : 0.06);
