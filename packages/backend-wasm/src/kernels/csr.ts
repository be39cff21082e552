// CSR on the left: up to 12 vectors of one row's sums stay in registers while its entries pass; one x load a
// multiply-add bounds it at about 0.7 of peak.
import { csr } from '@lacuna/layouts';
import { coordinateBytes, type Family } from './family.js';
import { registers } from './dense.js';

/** Products with a CSR left-hand side. */
export const csrFamily: Family = {
  name: 'csr',
  layout: csr,
  takes: () => true,
  panel: () => 48,
  share: (_, n) => (n === 1 ? 0.12 : 0.65 * Math.min(1, (n + 8) / 40)),
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
