// Any layout on the left, as it is or transposed: its entries are sorted into compressed rows in the scratch,
// by their flat index, and multiplied as csr. Sorting costs about what 60 multiply-adds cost, an entry.
import { anyLayout, dense, type OperandType, type Tensor } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { rowsOf } from './compressedrows.js';
import {
  csrBefore,
  csrEntry,
  csrPacked,
  csrPanel,
  csrProduct,
  csrScratch,
  csrShare,
  csrVector,
  type CompressedRows,
} from './csr.js';
import { coordinateBytes, lastOf, sides, type Family, type Right } from './family.js';

/** Compressed rows in the scratch: u32 pos, then values, then coordinates, then what csr wants. */
function placed(w: OperandType, { scratch }: Right, turned: boolean): CompressedRows {
  const [m, k] = sides(w, turned);
  const values = scratch + (m + 1) * 4;
  return { m, k, pos: scratch, values, crd: values + w.stored * 4, bytes: k <= 65536 ? 2 : 4 };
}

const floats = (w: OperandType, turned: boolean): number => sides(w, turned)[0] + 2 + 2 * w.stored;

/** A family for what sorting leaves in the scratch; `each`: multiply-adds that sorting costs an entry. */
function compressed(turned: boolean, each: number) {
  const offsets = (w: OperandType, { scratch }: Right): number => scratch + floats(w, turned) * 4;
  return {
    panel: (w, n) => csrPanel(sides(w, turned)[1], n),
    packed: (w, n) => {
      const [, k] = sides(w, turned);
      return csrPacked(k, n, w.stored / Math.max(1, k));
    },
    share: (_, n) => csrShare(n),
    scratch: (w, n) => floats(w, turned) + csrScratch(...sides(w, turned), n, w.stored),
    entry: (w, n) => each + csrEntry(sides(w, turned)[1], n),
    before: ({ operand }, right) => {
      const { stored } = operand;
      return csrBefore(placed(operand, right, turned), right, offsets(operand, right), stored);
    },
    bind: (exports, { operand }, right) =>
      csrProduct(exports, placed(operand, right, turned), right, offsets(operand, right)),
  } satisfies Partial<Family>;
}

const sorting = 60;
const isMatrix = ({ shape, format }: OperandType): boolean =>
  shape.length === 2 && format.layout !== dense;

function anyOf(turned: boolean): Family {
  const rows = compressed(turned, sorting);
  return {
    name: turned ? 'any-turned' : 'any',
    layout: anyLayout,
    ...(turned && { turned }),
    index: true,
    takes: isMatrix,
    ...rows,
    before: (w, right) => {
      const { pos, crd, bytes, values } = placed(w.operand, right, turned);
      const { stored, shape } = w.operand;
      const what = [stored, w.index, w.values, shape[1]!, Number(turned)];
      const args = [...what, sides(w.operand, turned)[0], pos, crd, bytes, values];
      const sort = { name: 'compress', units: 1, args, work: stored * sorting };
      return [sort, ...rows.before(w, right)];
    },
  };
}

/** Products with any layout. */
export const anyFamily = anyOf(false);
/** Products with the transpose of any layout. */
export const anyTurned = anyOf(true);

/** Values, columns and pos of compressed rows, made of a constant once. */
function prepared(w: Pick<OperandType, 'shape' | 'stored'>, at: number): CompressedRows {
  const [m, k] = w.shape as [number, number];
  const pos = at + w.stored * 4;
  return { m, k, values: at, pos, crd: pos + (m + 1) * 4, bytes: k <= 65536 ? 2 : 4 };
}

function sorted({ pattern, shape, values }: Tensor): Uint8Array {
  const at = prepared({ shape, stored: values.length }, 0);
  const bytes = new Uint8Array(at.crd + values.length * at.bytes);
  const to = new Float32Array(bytes.buffer, 0, values.length);
  const pos = new Uint32Array(bytes.buffer, at.pos, at.m + 1);
  const crd =
    at.bytes === 2 ? new Uint16Array(bytes.buffer, at.crd) : new Uint32Array(bytes.buffer, at.crd);
  const rows = rowsOf(pattern, false);
  pos.set(rows.pos);
  crd.set(rows.crd);
  rows.place?.forEach((place, e) => (to[e] = values[place] as number));
  return bytes;
}

/** Products with a constant in any layout but csr, which is sorted when it is placed. */
export const sortedFamily: Family = {
  name: 'sorted',
  layout: anyLayout,
  prepare: sorted,
  takes: (w) => w.constant && isMatrix(w) && w.format.layout !== csr,
  panel: ({ shape }, n) => csrPanel(shape[1]!, n),
  packed: ({ shape, stored }, n) => csrPacked(shape[1]!, n, stored / Math.max(1, shape[1]!)),
  // A little less than csr's own, so that a layout's own kernel comes first.
  share: (_, n) => 0.9 * csrShare(n),
  scratch: ({ shape, stored }, n) => csrScratch(shape[0]!, shape[1]!, n, stored),
  entry: ({ shape }, n) => csrEntry(shape[1]!, n),
  before: (w, right) =>
    csrBefore(prepared(w.operand, w.prepared), right, right.scratch, w.operand.stored),
  bind: (exports, w, right) =>
    csrProduct(exports, prepared(w.operand, w.prepared), right, right.scratch),
  bindVector: (_, w, right) => csrVector(prepared(w.operand, w.prepared), right),
};

/** Positions up to which a csr is spread over the outputs, a store a multiply-add, rather than turned. */
const few = 40;
const turning = 40;

const rows = compressed(true, turning);

/** Products with the transpose of a csr whose pattern is found at every run, or that few positions meet. */
export const csrTurned: Family = {
  name: 'csr-turned',
  layout: csr,
  turned: true,
  takes: () => true,
  ...rows,
  panel: () => 48,
  share: (w, n) => (n > few ? rows.share(w, n) : 0.4 * Math.min(1, (n + 4) / 12)),
  entry: (w, n) => (n > few ? rows.entry(w, n) : 0),
  scratch: (w, n) => (n > few ? rows.scratch(w, n) : w.shape[1]! * 24),
  before: (w, right) => {
    if (right.n <= few) return [];
    const { pos, crd, bytes, values } = placed(w.operand, right, true);
    const from = [w.buffer(1, 'pos'), w.buffer(1, 'crd'), coordinateBytes(w, 1), w.values];
    const args = [...w.operand.shape, ...from, pos, crd, bytes, values];
    const turn = { name: 'csr_turn', units: 1, args, work: w.operand.stored * turning };
    return [turn, ...rows.before(w, right)];
  },
  bind: (exports, w, right) => (right.n > few ? rows.bind(exports, w, right) : spread(w, right, 1)),
};

/** Rows of W in groups of v, spread over the outputs. */
export function spread(
  w: Parameters<Family['bind']>[1],
  { x, n, bias, act, y, scratch }: Right,
  v: number,
): ReturnType<Family['bind']> {
  const [rows, columns] = w.operand.shape as [number, number];
  const from = [w.buffer(1, 'pos'), w.buffer(1, 'crd'), coordinateBytes(w, 1), w.values];
  const args = [rows, v, columns, n, ...from, ...x, bias, act, y[0], n, scratch];
  const own = lastOf(args, columns * 24 * 4);
  return { name: 'rows_t', units: Math.ceil(n / 4), args, grain: 6, own };
}
