// Dense on the left: 6 rows by 2 vectors a tile, 12 sums in registers, 8 loads for 12 multiply-adds.
import { dense } from '@lacuna/ir';
import type { Family } from './family.js';
import { large } from './positions.js';

/** Sums that a tile keeps in registers: 8 where multiply and add are two instructions. */
export const registers = (exports: object): number => (relaxed.has(exports) ? 12 : 8);
const relaxed = new WeakSet<object>();
/** Notes that a module fuses multiply and add, so that 12 sums fit. */
export function noteRelaxed(exports: object): void {
  relaxed.add(exports);
}

/** Products with a dense left-hand side. */
export const denseFamily: Family = {
  name: 'dense',
  layout: dense,
  takes: () => true,
  panel: () => 8,
  packs: 'any',
  packed: ({ shape }, n) => large(shape[1]!, n, shape[0]!),
  share: (_, n) => (n === 1 ? 0.55 : 0.95 * Math.min(1, (n + 4) / 12)),
  bind: (exports, { values, operand }, { x, n, bias, act, y }) => {
    const [m, k] = operand.shape as [number, number];
    const regs = registers(exports);
    const args = [k, n, values, k, ...x, bias, act, ...y, regs];
    return { name: 'dense', units: m, args, grain: 6 };
  },
  bindVector: (_, { values, operand }, { x, bias, act, y }) => {
    const [m, k] = operand.shape as [number, number];
    return { name: 'dense_vec', units: m, args: [k, values, k, x[0], bias, act, y[0]], grain: 4 };
  },
};
