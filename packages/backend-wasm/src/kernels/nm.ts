// Plain n:m on the left: every row (or every column of a block of rows) picks for itself, so each entry
// costs a load, as in CSR; coordinates are one byte.
import { nm } from '@lacuna/layouts';
import { lastOf, sides, type Family } from './family.js';

/** Share of peak for one position: entries by fours, each with its own number of x. */
const vectorShare = 0.1;

/** n:m, or its transpose: what picks along the inputs picks along the outputs when it is turned. */
function family(turned: boolean): Family {
  return {
    name: turned ? 'nm-turned' : 'nm',
    layout: nm,
    ...(turned && { turned }),
    takes: ({ shape, format }) => shape.length === 2 && format.params['m']! <= 256,
    panel: () => 16,
    share: ({ format }, n) =>
      (format.params['along'] === 1) === turned
        ? 0.2 * Math.min(1, (n + 8) / 40)
        : n === 1
          ? vectorShare
          : 0.5 * Math.min(1, (n + 8) / 40),
    scratch: ({ format }) => format.params['m']! * 4,
    vector: ({ format }) => (format.params['along'] === 1) !== turned,
    bindVector: (_, w, { x, bias, act, y }) => {
      const { n: kept, m: block } = w.operand.format.params;
      const [m, k] = sides(w.operand, turned);
      const args = [k, kept!, block!, w.buffer(2, 'crd'), w.values, x[0], bias, act, y];
      return { name: 'nm_vec', units: m, args };
    },
    bind: (_, w, { x, n, bias, act, y, scratch }) => {
      const {
        n: kept,
        m: block,
        along,
      } = w.operand.format.params as {
        n: number;
        m: number;
        along: number;
      };
      const [m, k] = sides(w.operand, turned);
      const crd = w.buffer(2, 'crd');
      // Levels are (other, picked/m, picked%m) either way: the blocks of one lie side by side.
      if ((along === 1) !== turned) {
        const args = [k, n, kept, block, crd, w.values, ...x, bias, act, y, n];
        return { name: 'nm', units: m, args };
      }
      const blocks = Math.ceil(m / block);
      const by = [kept, blocks * kept];
      const args = [m, k, n, kept, block, ...by, crd, w.values, ...x, bias, act, y, n, scratch];
      return { name: 'nm_out', units: blocks, args, own: lastOf(args, block * 4 * 4) };
    },
  };
}

/** Products with n:m on the left, along the inputs or the outputs. */
export const nmFamily = family(false);
/** The same with its transpose. */
export const nmTurned = family(true);
