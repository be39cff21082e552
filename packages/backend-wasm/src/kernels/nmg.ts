// n:m:g on the left, in STen's storage. While a pattern runs its g columns, the sums of its n rows stay in
// registers; neighbouring patterns differ in one row.
import { nmg, patternCount } from '@lacuna/layouts';
import { coordinateBytes, lastOf, type Family } from './family.js';
import { registers } from './dense.js';

/** Products with n:m:g on the left, blocks along the outputs or along the inputs. */
export const nmgFamily: Family = {
  name: 'nmg',
  layout: nmg,
  takes: ({ shape, format }) =>
    shape.length === 2 &&
    format.params['m']! <= 256 &&
    format.params['along'] !== format.params['group'],
  panel: () => 48,
  packed: ({ shape }) => shape[0]! >= 32,
  // Columns past K are skipped one by one at a third of the speed, unless X has zero rows there.
  rows: ({ shape, format }) => {
    const { n, m, g, along } = format.params as { n: number; m: number; g: number; along: number };
    const span = patternCount(n, m) * g;
    const left = shape[1]! % span;
    return along === 0 && 3 * left > span ? shape[1]! + span - left : shape[1]!;
  },
  share: ({ format }, n) => {
    const { n: kept, g, along } = format.params as { n: number; g: number; along: number };
    if (along === 1) return 0.25;
    return (kept === 1 ? 0.4 : g >= 4 ? 0.85 : 0.7) * Math.min(1, (n + 4) / 16);
  },
  scratch: ({ format }) => format.params['m']! * 48,
  bind: (exports, w, { x, n, k, bias, act, y, scratch }) => {
    const {
      n: kept,
      m: block,
      g,
      along,
    } = w.operand.format.params as { n: number; m: number; g: number; along: number };
    const rows = w.operand.shape[0]!;
    const { levels } = w.operand.pattern;
    const patterns = levels[2]!.size;
    const crd = w.buffer(3, 'crd');
    const bytes = coordinateBytes(w, 3);
    const order = w.buffer(4, 'table');
    const matrix = [kept, block, g, patterns, order, crd, bytes, w.values];
    const args = [rows, k, n, ...matrix, ...x, bias, act, y, n];
    if (along === 1) return { name: 'nmg_in', units: levels[0]!.size, args };
    const all = [...args, registers(exports), scratch];
    return { name: 'nmg', units: levels[1]!.size, args: all, own: lastOf(all, block * 48 * 4) };
  },
};
