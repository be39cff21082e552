// Any layout on the left, as it is or transposed: its entries are sorted into compressed rows in the scratch,
// by their flat index, and multiplied as csr. Sorting costs about what 60 multiply-adds cost, an entry.
import { anyLayout, dense, type OperandType } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { csrFamily } from './csr.js';
import { registers } from './dense.js';
import { large } from './positions.js';
import { coordinateBytes, lastOf, sides, type Family, type Right } from './family.js';

/** Compressed rows in the scratch: u32 pos, then values, then coordinates. */
function placed(w: OperandType, { scratch }: Right, turned: boolean) {
  const [m, k] = sides(w, turned);
  const values = scratch + (m + 1) * 4;
  return { pos: scratch, values, crd: values + w.stored * 4, bytes: k <= 65536 ? 2 : 4 };
}

const floats = (w: OperandType, turned: boolean): number => sides(w, turned)[0] + 2 + 2 * w.stored;

/** A family for what `before` leaves in the scratch. */
function compressed(
  turned: boolean,
): Pick<Family, 'panel' | 'packed' | 'share' | 'scratch' | 'bind'> {
  return {
    panel: csrFamily.panel,
    packed: (w, n) => {
      const [, k] = sides(w, turned);
      return large(k, n, w.stored / Math.max(1, k));
    },
    share: csrFamily.share,
    scratch: (w) => floats(w, turned),
    bind: (exports, { operand }, right) => {
      const [m, k] = sides(operand, turned);
      const { pos, crd, bytes, values } = placed(operand, right, turned);
      const { x, n, bias, act, y } = right;
      const args = [k, n, pos, crd, bytes, values, ...x, bias, act, y, n, registers(exports)];
      return { name: 'csr', units: m, args };
    },
  };
}

const sorting = 60;
const isMatrix = ({ shape, format }: OperandType): boolean =>
  shape.length === 2 && format.layout !== dense;

function anyOf(turned: boolean): Family {
  return {
    name: turned ? 'any-turned' : 'any',
    layout: anyLayout,
    ...(turned && { turned }),
    index: true,
    takes: isMatrix,
    ...compressed(turned),
    entry: () => sorting,
    before: (w, right) => {
      const { pos, crd, bytes, values } = placed(w.operand, right, turned);
      const { stored, shape } = w.operand;
      const what = [stored, w.index, w.values, shape[1]!, Number(turned)];
      const args = [...what, sides(w.operand, turned)[0], pos, crd, bytes, values];
      return [{ name: 'compress', units: 1, args, work: stored * sorting }];
    },
  };
}

/** Products with any layout. */
export const anyFamily = anyOf(false);
/** Products with the transpose of any layout. */
export const anyTurned = anyOf(true);

/** Positions up to which a csr is spread over the outputs, a store a multiply-add, rather than turned. */
const few = 40;
const turning = 40;

/** Products with the transpose of a csr. */
export const csrTurned: Family = {
  name: 'csr-turned',
  layout: csr,
  turned: true,
  takes: () => true,
  ...compressed(true),
  panel: () => 48,
  share: (w, n) => (n > few ? csrFamily.share(w, n) : 0.4 * Math.min(1, (n + 4) / 12)),
  entry: (_, n) => (n > few ? turning : 0),
  scratch: (w, n) => (n > few ? floats(w, true) : w.shape[1]! * 24),
  before: (w, right) => {
    if (right.n <= few) return [];
    const { pos, crd, bytes, values } = placed(w.operand, right, true);
    const from = [w.buffer(1, 'pos'), w.buffer(1, 'crd'), coordinateBytes(w, 1), w.values];
    const args = [...w.operand.shape, ...from, pos, crd, bytes, values];
    return [{ name: 'csr_turn', units: 1, args, work: w.operand.stored * turning }];
  },
  bind: (exports, w, right) =>
    right.n > few ? compressed(true).bind(exports, w, right) : spread(w, right, 1),
};

/** Rows of W in groups of v, spread over the outputs. */
export function spread(
  w: Parameters<Family['bind']>[1],
  { x, n, bias, act, y, scratch }: Right,
  v: number,
): ReturnType<Family['bind']> {
  const [rows, columns] = w.operand.shape as [number, number];
  const from = [w.buffer(1, 'pos'), w.buffer(1, 'crd'), coordinateBytes(w, 1), w.values];
  const args = [rows, v, columns, n, ...from, ...x, bias, act, y, n, scratch];
  const own = lastOf(args, columns * 24 * 4);
  return { name: 'rows_t', units: Math.ceil(n / 4), args, grain: 6, own };
}
