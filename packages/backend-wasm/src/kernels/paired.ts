// 1:m:g with constant values, two blocks at a time. Columns are sorted by the rows that both blocks keep, so
// that a loaded x vector serves two sums, as in groups of two rows.
//
//   prepared   pos u32[pairs·m·m + 1]   values f32[pairs·K][2]   columns u16 or u32[pairs·K]
import { bufferOf, type Tensor } from '@lacuna/ir';
import { nmg } from '@lacuna/layouts';
import { registers } from './dense.js';
import { lastOf, type Family } from './family.js';

interface Sizes {
  readonly m: number;
  readonly g: number;
  readonly rows: number;
  readonly k: number;
  readonly pairs: number;
}

function sizesOf({
  shape,
  format: { params },
}: {
  readonly shape: readonly number[];
  readonly format: Tensor['format'];
}): Sizes {
  const [rows, k] = shape as [number, number];
  const { m, g } = params as { m: number; g: number };
  return { m, g, rows, k, pairs: Math.ceil(Math.ceil(rows / m) / 2) };
}

/** Bytes before the values and before the columns. */
const places = ({ m, k, pairs }: Sizes): readonly [number, number] => {
  const values = (pairs * m * m + 1) * 4;
  return [values, values + pairs * k * 8];
};

/** The sorted form of a tensor. */
function sorted(tensor: Tensor): Uint8Array {
  const sizes = sizesOf(tensor);
  const { m, g, rows, k, pairs } = sizes;
  const [valuesAt, columnsAt] = places(sizes);
  const wide = k > 65536;
  const bytes = new Uint8Array(columnsAt + pairs * k * (wide ? 4 : 2));
  const pos = new Uint32Array(bytes.buffer, 0, pairs * m * m + 1);
  const values = new Float32Array(bytes.buffer, valuesAt, pairs * k * 2);
  const columns = wide
    ? new Uint32Array(bytes.buffer, columnsAt, pairs * k)
    : new Uint16Array(bytes.buffer, columnsAt, pairs * k);
  const table = bufferOf(tensor.pattern, 4, 'table');
  const crd = bufferOf(tensor.pattern, 3, 'crd');
  const [blocks, span] = [Math.ceil(rows / m), m * g];
  /** For each column the row that a block keeps, and where its value is; none past the last block. */
  const kept = (block: number): { readonly row: Uint16Array; readonly at: Int32Array } => {
    const [row, at] = [new Uint16Array(k), new Int32Array(k).fill(-1)];
    if (block >= blocks) return { row, at };
    for (let chunk = 0; chunk * span < k; chunk++)
      for (let e = 0; e < span; e++) {
        const q = (chunk * blocks + block) * span + e;
        const column = chunk * span + crd[q]!;
        if (column < k) [row[column], at[column]] = [table[Math.floor(e / g)]!, q];
      }
    return { row, at };
  };
  for (let pair = 0; pair < pairs; pair++) {
    const [a, b] = [kept(2 * pair), kept(2 * pair + 1)];
    // Second rows run back and forth, so that neighbours differ in one row.
    const slot = (column: number): number => {
      const [p, q] = [a.row[column]!, b.row[column]!];
      return (pair * m + p) * m + (p % 2 === 0 ? q : m - 1 - q);
    };
    const next = new Uint32Array(m * m);
    for (let column = 0; column < k; column++) next[slot(column) - pair * m * m]!++;
    let at = pair * k;
    next.forEach((count, n) => {
      pos[pair * m * m + n] = next[n] = at;
      at += count;
    });
    for (let column = 0; column < k; column++) {
      const e = next[slot(column) - pair * m * m]!++;
      columns[e] = column;
      values[2 * e] = a.at[column]! < 0 ? 0 : (tensor.values[a.at[column]!] as number);
      values[2 * e + 1] = b.at[column]! < 0 ? 0 : (tensor.values[b.at[column]!] as number);
    }
  }
  pos[pairs * m * m] = pairs * k;
  return bytes;
}

/** Products with constant 1:m:g on the left, blocks along the outputs. */
export const pairedFamily: Family = {
  name: 'paired',
  layout: nmg,
  prepare: sorted,
  takes: ({ shape, format: { params }, constant }) =>
    constant &&
    shape.length === 2 &&
    params['n'] === 1 &&
    params['m']! > 1 &&
    params['m']! <= 256 &&
    params['along'] === 0 &&
    params['group'] === 1,
  panel: () => 48,
  packed: ({ shape }) => shape[0]! >= 32,
  share: (w, n) => {
    const { m, k } = sizesOf(w);
    const each = k / (m * m);
    return Math.max(0.05, ((0.93 * each) / (each + 3)) * Math.min(1, (n + 4) / 16));
  },
  scratch: ({ format }) => format.params['m']! * 24,
  bind: (exports, { operand, prepared }, { x, n, bias, act, y, scratch }) => {
    const sizes = sizesOf(operand);
    const { m, rows, k, pairs } = sizes;
    const [values, columns] = places(sizes);
    const from = [prepared, prepared + columns, k > 65536 ? 4 : 2, prepared + values];
    const args = [rows, n, m, ...from, ...x, bias, act, y, n, registers(exports), scratch];
    return { name: 'paired', units: pairs, args, own: lastOf(args, m * 24 * 4) };
  },
};
