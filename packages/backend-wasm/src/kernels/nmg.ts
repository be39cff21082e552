// n:m:g on the left, in STen's storage. While a pattern runs its g columns, the sums of its n rows stay in
// registers; neighbouring patterns differ in one row.
import type { OperandType } from '@lacuna/ir';
import { nmg, patternCount } from '@lacuna/layouts';
import { coordinateBytes, filled, lastOf, sides, type Family } from './family.js';
import { registers } from './dense.js';

type Params = Readonly<Record<'n' | 'm' | 'g' | 'along', number>>;
const paramsOf = ({ format }: OperandType): Params => format.params;

/** n:m:g, or its transpose: what has blocks along the outputs has them along the inputs when it is turned. */
function family(turned: boolean): Family {
  const outer = (w: OperandType): boolean => (paramsOf(w).along === 0) !== turned;
  const span = (w: OperandType): number =>
    patternCount(paramsOf(w).n, paramsOf(w).m) * paramsOf(w).g;
  const scratch = (w: OperandType): number => (outer(w) ? paramsOf(w).m * 48 : span(w) * 24);
  return {
    name: turned ? 'nmg-turned' : 'nmg',
    layout: nmg,
    ...(turned && { turned }),
    takes: ({ shape, format }) =>
      shape.length === 2 &&
      format.params['m']! <= 256 &&
      format.params['along'] !== format.params['group'],
    panel: () => 48,
    ...(!turned && { packs: 'any' as const }),
    packed: (w) => outer(w) && sides(w, turned)[0] >= 32,
    // Columns past K are skipped one by one at a third of the speed, unless X has zero rows there.
    rows: (w) => {
      const [, k] = sides(w, turned);
      const left = k % span(w);
      return outer(w) && 3 * left > span(w) ? k + span(w) - left : k;
    },
    share: (w, n) => {
      const { n: kept, g } = paramsOf(w);
      const many = filled(n);
      if (kept === 1) return (outer(w) ? 0.45 : 0.4) * many;
      return (g >= 8 ? 0.8 : g >= 4 ? 0.65 : 0.5) * (outer(w) ? 1 : 0.95) * many;
    },
    scratch,
    bind: (exports, w, { x, n, k, bias, act, y, scratch: own }) => {
      const { n: kept, m: block, g } = paramsOf(w.operand);
      const { levels } = w.operand.pattern;
      const [m] = sides(w.operand, turned);
      const [crd, bytes, order] = [w.buffer(3, 'crd'), coordinateBytes(w, 3), w.buffer(4, 'table')];
      const matrix = [kept, block, g, levels[2]!.size, order, crd, bytes, w.values];
      const args = [m, k, n, ...matrix, ...x, bias, act, ...y];
      const all = outer(w.operand) ? [...args, registers(exports), own] : [...args, own];
      const mine = lastOf(all, scratch(w.operand) * 4);
      return outer(w.operand)
        ? { name: 'nmg', units: levels[1]!.size, args: all, own: mine }
        : { name: 'nmg_in', units: levels[0]!.size, args: all, own: mine };
    },
  };
}

/** Products with n:m:g on the left, blocks along the outputs or along the inputs. */
export const nmgFamily = family(false);
/** The same with its transpose. */
export const nmgTurned = family(true);
