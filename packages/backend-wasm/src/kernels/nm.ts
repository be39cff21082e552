// Plain n:m on the left: every row (or every column of a block of rows) picks for itself, so each entry
// costs a load, as in CSR; coordinates are one byte.
import { bufferOf, type OperandType, type Tensor } from '@lacuna/ir';
import { nm } from '@lacuna/layouts';
import { lastOf, sides, type Family } from './family.js';
import { direct } from './positions.js';

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

/** Groups of eight rows, blocks of a row, and the bytes where values, codes and the end are, after 256 shuffles. */
function placesOf({ shape }: Pick<OperandType, 'shape'>) {
  const [rows, columns] = shape as [number, number];
  const [groups, blocks] = [Math.ceil(rows / 8), Math.ceil(columns / 4)];
  const values = 256 * 16;
  const codes = values + groups * blocks * 16 * 4;
  return { groups, blocks, values, codes, end: codes + groups * blocks * 4 };
}

/** Shuffles of what two rows pick of a block, values of eight rows side by side, and a byte for two rows of a block. */
function coded({ pattern, shape, values }: Tensor): Uint8Array {
  const at = placesOf({ shape });
  const bytes = new Uint8Array(at.end);
  for (let code = 0; code < 256; code++)
    for (let byte = 0; byte < 16; byte++)
      bytes[16 * code + byte] = 4 * ((code >> (2 * (byte >> 2))) & 3) + (byte & 3);
  const numbers = new Float32Array(bytes.buffer, at.values, at.groups * at.blocks * 16);
  const crd = bufferOf(pattern, 2, 'crd');
  for (let e = 0; e < values.length; e++) {
    const [row, block] = [Math.floor(e / (2 * at.blocks)), (e >> 1) % at.blocks];
    const place = 4 * (Math.floor(row / 8) * at.blocks + block) + ((row >> 1) & 3);
    const slot = 2 * (row % 2) + (e % 2);
    bytes[at.codes + place]! |= crd[e]! << (2 * slot);
    // Past the last column x is zero for the kernel, and so is what meets it.
    if (4 * block + crd[e]! < shape[1]!) numbers[4 * place + slot] = values[e] as number;
  }
  return bytes;
}

/** A constant 2:4 along the inputs times one position: a byte says what two rows pick of a block. */
export const nm24Family: Family = {
  name: 'nm24',
  layout: nm,
  prepare: coded,
  single: true,
  takes: ({ constant, shape, format: { params } }) =>
    constant &&
    shape.length === 2 &&
    params['n'] === 2 &&
    params['m'] === 4 &&
    params['along'] === 1,
  panel: () => 4,
  lie: direct,
  share: () => 0.3,
  bind: (_, { operand, prepared }, { x, bias, act, y }) => {
    const { groups, values, codes } = placesOf(operand);
    const matrix = [prepared, prepared + codes, prepared + values];
    const args = [...operand.shape, ...matrix, x[0], bias, act, y[0]];
    return { name: 'nm24_vec', units: groups, args };
  },
};

/** Products with n:m on the left, along the inputs or the outputs. */
export const nmFamily = family(false);
/** The same with its transpose. */
export const nmTurned = family(true);
