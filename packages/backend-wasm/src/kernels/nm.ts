// Plain n:m on the left: every row (or every column of a block of rows) picks for itself, so each entry
// costs a load, as in CSR; coordinates are one byte.
import { bufferOf, type OperandType, type Tensor } from '@lacuna/ir';
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
    ...(!turned && { packs: 'any' as const }),
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
      const args = [k, kept!, block!, w.buffer(2, 'crd'), w.values, x[0], bias, act, y[0]];
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
        const args = [k, n, kept, block, crd, w.values, ...x, bias, act, ...y];
        return { name: 'nm', units: m, args };
      }
      const blocks = Math.ceil(m / block);
      const by = [kept, blocks * kept];
      const args = [m, k, n, kept, block, ...by, crd, w.values, ...x, bias, act, ...y, scratch];
      return { name: 'nm_out', units: blocks, args, own: lastOf(args, block * 4 * 4) };
    },
  };
}

/** Bytes of coordinates, and words of codes a row. */
const places = ({ shape, stored }: Pick<OperandType, 'shape' | 'stored'>) => {
  const words = Math.ceil(Math.ceil(shape[1]! / 4) / 8);
  const crd = stored * 4;
  return { crd, codes: crd + Math.ceil(stored / 4) * 4, words };
};

/** Values and coordinates as they are, and 4 bits a block beside them. */
function coded({ pattern, shape, values }: Tensor): Uint8Array {
  const at = places({ shape, stored: values.length });
  const bytes = new Uint8Array(at.codes + shape[0]! * at.words * 4);
  const crd = bufferOf(pattern, 2, 'crd');
  new Float32Array(bytes.buffer, 0, values.length).set(values);
  bytes.set(crd, at.crd);
  const codes = new Uint32Array(bytes.buffer, at.codes);
  const blocks = Math.ceil(shape[1]! / 4);
  for (let e = 0; e < values.length; e++) {
    const [row, block] = [Math.floor(e / (2 * blocks)), (e >> 1) % blocks];
    codes[row * at.words + (block >> 3)]! |= crd[e]! << (4 * (block % 8) + 2 * (e % 2));
  }
  return bytes;
}

/** Products with a constant 2:4 along the inputs: for one position four bits say what a block picks. */
export const nm24Family: Family = {
  name: 'nm24',
  layout: nm,
  prepare: coded,
  takes: ({ constant, shape, format: { params } }) =>
    constant &&
    shape.length === 2 &&
    params['n'] === 2 &&
    params['m'] === 4 &&
    params['along'] === 1,
  panel: () => 16,
  // For other positions nm is as quick, and holds its storage once.
  share: (_, n) => (n === 1 ? 0.2 : 0.49 * Math.min(1, (n + 8) / 40)),
  bindVector: (_, { operand, prepared }, { x, bias, act, y }) => {
    const [m, k] = operand.shape as [number, number];
    const args = [k, prepared + places(operand).codes, prepared, x[0], bias, act, y[0]];
    return { name: 'nm24_vec', units: m, args, grain: 4 };
  },
  bind: (_, { operand, prepared }, { x, n, bias, act, y }) => {
    const [m, k] = operand.shape as [number, number];
    const args = [k, n, 2, 4, prepared + places(operand).crd, prepared, ...x, bias, act, ...y];
    return { name: 'nm', units: m, args };
  },
};

/** Products with n:m on the left, along the inputs or the outputs. */
export const nmFamily = family(false);
/** The same with its transpose. */
export const nmTurned = family(true);
