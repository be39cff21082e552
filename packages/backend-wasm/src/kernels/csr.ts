// CSR on the left: up to 7 vectors of one row's sums stay in registers while its entries pass, four at a time;
// one x load a multiply-add keeps it below two thirds of peak.
import { csr } from '@lacuna/layouts';
import { coordinateBytes, usesOf, type Family } from './family.js';
import { large } from './positions.js';
import { registers } from './dense.js';

/** Products with a CSR left-hand side. */
export const csrFamily: Family = {
  name: 'csr',
  layout: csr,
  takes: () => true,
  panel: () => 24,
  packed: (w, n) => large(w.shape[1]!, n, usesOf(w)),
  share: (_, n) => (n === 1 ? 0.11 : n < 8 ? 0.35 : n < 16 ? 0.55 : 0.62),
  bind: (exports, w, { x, n, bias, act, y }) => {
    const [pos, crd, bytes] = [w.buffer(1, 'pos'), w.buffer(1, 'crd'), coordinateBytes(w, 1)];
    const [rows, k] = w.operand.shape as [number, number];
    const regs = registers(exports);
    const args = [k, n, pos, crd, bytes, w.values, ...x, bias, act, y, n, regs];
    return { name: 'csr', units: rows, args };
  },
  bindVector: (_, w, { x, bias, act, y }) => {
    const [pos, crd, bytes] = [w.buffer(1, 'pos'), w.buffer(1, 'crd'), coordinateBytes(w, 1)];
    const rows = w.operand.shape[0]!;
    const args = [pos, crd, bytes, w.values, x[0], bias, act, y];
    return { name: 'csr_vec', units: rows, args };
  },
};
