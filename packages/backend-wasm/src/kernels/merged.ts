// n:m:g with constant values, in a form of the kernel's own: for each block and pattern, its columns through all
// of K, so that g does not matter and nothing is padded. 1:m:g goes two blocks at a time, as m·m patterns of two
// rows of 2m, so that a loaded x vector serves two sums.
//
//   prepared   pos u32[blocks·patterns + 1]   values f32[blocks·K][n]   columns u16 or u32   order u8[patterns][n]
import { bufferOf, type Tensor } from '@lacuna/ir';
import { nmg, patternCount, patternTable } from '@lacuna/layouts';
import { registers } from './dense.js';
import { filled, lastOf, type Family } from './family.js';

/** The blocks that the kernel sees: `together` of the layout's. */
interface Sizes {
  readonly rows: number;
  readonly k: number;
  readonly together: number;
  readonly n: number;
  readonly m: number;
  readonly patterns: number;
  readonly blocks: number;
}

function sizesOf({ shape, format }: Pick<Tensor, 'shape' | 'format'>): Sizes {
  const [rows, k] = shape as [number, number];
  const { n, m } = format.params as { n: number; m: number };
  const together = n === 1 ? 2 : 1;
  return {
    rows,
    k,
    together,
    n: n * together,
    m: m * together,
    patterns: patternCount(n, m) ** together,
    blocks: Math.ceil(Math.ceil(rows / m) / together),
  };
}

/** Where values, columns and order begin, and the end. */
function places({ k, n, patterns, blocks }: Sizes): readonly [number, number, number, number] {
  const values = (blocks * patterns + 1) * 4;
  const columns = values + blocks * k * n * 4;
  const order = columns + blocks * k * bytesOf(k);
  return [values, columns, order, order + patterns * n];
}
const bytesOf = (k: number): 2 | 4 => (k <= 65536 ? 2 : 4);

/** Rows of each pattern. Of two blocks the second's run back and forth, so that neighbours differ in one row. */
function orderOf({ together, m }: Sizes, table: readonly number[]): readonly number[] {
  if (together === 1) return table;
  return table.flatMap((p, at) =>
    (at % 2 === 0 ? table : table.toReversed()).flatMap((q) => [p, m / 2 + q]),
  );
}

/** The sorted form of a tensor. */
function sorted(tensor: Tensor): Uint8Array {
  const sizes = sizesOf(tensor);
  const { rows, k, together, n, patterns, blocks } = sizes;
  const { m, g, n: kept } = tensor.format.params as { m: number; g: number; n: number };
  const [valuesAt, columnsAt, orderAt, end] = places(sizes);
  const bytes = new Uint8Array(end);
  const pos = new Uint32Array(bytes.buffer, 0, blocks * patterns + 1);
  const values = new Float32Array(bytes.buffer, valuesAt, blocks * k * n);
  const Columns = bytesOf(k) === 2 ? Uint16Array : Uint32Array;
  const columns = new Columns(bytes.buffer, columnsAt, blocks * k);
  bytes.set(orderOf(sizes, patternTable(kept, m)), orderAt);

  const crd = bufferOf(tensor.pattern, 3, 'crd');
  const single = patternCount(kept, m);
  const [stored, span] = [Math.ceil(rows / m), single * g];
  /** Of a stored block, each column's pattern and entry; no entry past the last block. */
  const read = (block: number): { readonly pattern: Uint32Array; readonly entry: Int32Array } => {
    const [pattern, entry] = [new Uint32Array(k), new Int32Array(k).fill(-1)];
    if (block >= stored) return { pattern, entry };
    for (let chunk = 0; chunk * span < k; chunk++)
      for (let e = 0; e < span; e++) {
        const at = (chunk * stored + block) * span + e;
        const column = chunk * span + crd[at]!;
        if (column < k) [pattern[column], entry[column]] = [Math.floor(e / g), at];
      }
    return { pattern, entry };
  };
  for (let block = 0; block < blocks; block++) {
    const parts = Array.from({ length: together }, (_, part) => read(block * together + part));
    const patternOf = (column: number): number => {
      const [p, q] = parts.map(({ pattern }) => pattern[column]!) as [number, number?];
      return q === undefined ? p : p * single + (p % 2 === 0 ? q : single - 1 - q);
    };
    const next = new Uint32Array(patterns);
    for (let column = 0; column < k; column++) next[patternOf(column)]!++;
    let at = block * k;
    next.forEach((count, p) => {
      pos[block * patterns + p] = next[p] = at;
      at += count;
    });
    for (let column = 0; column < k; column++) {
      const e = next[patternOf(column)]!++;
      columns[e] = column;
      parts.forEach(({ entry }, part) => {
        if (entry[column]! < 0) return;
        for (let s = 0; s < kept; s++)
          values[e * n + part * kept + s] = tensor.values[entry[column]! * kept + s] as number;
      });
    }
  }
  pos[blocks * patterns] = blocks * k;
  return bytes;
}

/** Products with constant n:m:g on the left, blocks along the outputs, where patterns are not too many for K. */
export const mergedFamily: Family = {
  name: 'merged',
  layout: nmg,
  prepare: sorted,
  takes: (w) => {
    const { n, m, along, group } = w.format.params;
    if (!w.constant || w.shape.length !== 2 || along !== 0 || group !== 1) return false;
    return n! <= 6 && m! > 1 && m! <= 128 && sizesOf(w).patterns <= 4096;
  },
  panel: () => 48,
  packs: 'any',
  packed: ({ shape }) => shape[0]! >= 32,
  share: (w, n) => {
    const { k, patterns, n: rows } = sizesOf(w);
    const each = k / patterns;
    const share = rows <= 2 ? (0.93 * each) / (each + 2.5) : (0.85 * each) / (each + 4);
    return Math.max(0.05, share * filled(n));
  },
  scratch: (w) => sizesOf(w).m * 24,
  bind: (exports, { operand, prepared }, { x, n, bias, act, y, scratch }) => {
    const { rows, k, n: kept, m, patterns, blocks } = sizesOf(operand);
    const [values, columns, order] = places(sizesOf(operand));
    const sorting = [prepared + order, prepared, prepared + columns, bytesOf(k), prepared + values];
    const end = [...x, bias, act, ...y, registers(exports), scratch];
    const args = [rows, n, kept, m, patterns, ...sorting, ...end];
    return { name: 'merged', units: blocks, args, own: lastOf(args, m * 24 * 4) };
  },
};
