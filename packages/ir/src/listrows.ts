// Rows of blocks made of other storage: of row-major numbers, of single entries, and of entries in any order.
//
//   words   0 5 0 7     a word that is not zero is listed; the place after the last is written all the same, since
//   crd     1 3 _       nothing foresees where zeros are
import type { BlockRows, Listed } from './blockrows.js';
import { outside } from './derive.js';
import { valueArray, type DType, type IndexArray, type ValueArray } from './dtype.js';
import type { Shape } from './layout.js';

const indexArray = (extent: number, length: number): Uint16Array | Uint32Array =>
  extent <= 0x10000 ? new Uint16Array(length) : new Uint32Array(length);

/** Coordinates and words that are listed, with room for a row more. */
class List {
  crd: Uint16Array | Uint32Array;
  words: Int32Array<ArrayBuffer>;

  readonly #extent: number;

  constructor(extent: number, room: number) {
    this.#extent = extent;
    this.crd = indexArray(extent, room);
    this.words = new Int32Array(room);
  }

  /** Makes room for `more` beside the `count` that are there. */
  grow(count: number, more: number): void {
    if (count + more < this.crd.length) return;
    const room = 2 * (count + more);
    const [crd, words] = [indexArray(this.#extent, room), new Int32Array(room)];
    crd.set(this.crd.subarray(0, count));
    words.set(this.words.subarray(0, count));
    [this.crd, this.words] = [crd, words];
  }
}

/** Lists a row of words from `from` on behind `count` others; `shift` leaves out the sign of a zero. */
function listRow(
  { crd, words: to }: List,
  words: Int32Array,
  from: number,
  length: number,
  shift: number,
  count: number,
): number {
  let e = count;
  for (let j = 0; j < length; j++) {
    const word = words[from + j]!;
    crd[e] = j;
    to[e] = word;
    const b = word << shift;
    e += (b | -b) >>> 31;
  }
  return e;
}

/** The words of a matrix that are not zero, by rows. */
function listWords(
  words: Int32Array,
  [m, k]: readonly [number, number],
  shift: number,
  room = (m * k) >> 3,
): {
  readonly pos: Uint32Array;
  readonly crd: IndexArray;
  readonly words: Int32Array<ArrayBuffer>;
} {
  const list = new List(k, room);
  const pos = new Uint32Array(m + 1);
  for (let i = 0, e = 0; i < m; i++) {
    list.grow(e, k + 1);
    pos[i + 1] = e = listRow(list, words, i * k, k, shift, e);
  }
  const count = pos[m]!;
  return { pos, crd: list.crd.subarray(0, count), words: list.words.subarray(0, count) };
}

/** Of float32 or int32 numbers, the blocks that hold one that is not zero. */
export function listDense(
  numbers: Float32Array | Int32Array,
  shape: Shape,
  { rows, columns }: BlockRows,
): Listed {
  const words = new Int32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  const shift = numbers instanceof Float32Array ? 1 : 0;
  const [m, k] = shape as [number, number];
  const Values = numbers.constructor as Float32ArrayConstructor;
  if (rows === 1 && columns === 1) {
    const { pos, crd, words: found } = listWords(words, [m, k], shift);
    const values = new Values(found.buffer, 0, found.length);
    return { rows, columns, shape, pos, crd, values };
  }
  const [groups, across] = [Math.ceil(m / rows), Math.ceil(k / columns)];
  const list = new List(across, 0);
  const pos = new Uint32Array(groups + 1);
  const any = new Int32Array(across);
  for (let group = 0, e = 0; group < groups; group++) {
    any.fill(0);
    const last = Math.min(m, (group + 1) * rows);
    for (let i = group * rows; i < last; i++) {
      const row = i * k;
      if (columns === 1) for (let j = 0; j < k; j++) any[j]! |= words[row + j]! << shift;
      else
        for (let b = 0, j = 0; b < across; b++)
          for (const end = Math.min(k, j + columns); j < end; j++)
            any[b]! |= words[row + j]! << shift;
    }
    list.grow(e, across + 1);
    pos[group + 1] = e = listRow(list, any, 0, across, 0, e);
  }
  const crd = list.crd.subarray(0, pos[groups]);
  const values = new Values(crd.length * rows * columns);
  for (let group = 0; group < groups; group++) {
    const last = Math.min(rows, m - group * rows);
    for (let q = pos[group]!; q < pos[group + 1]!; q++) {
      const j = crd[q]! * columns;
      const width = Math.min(columns, k - j);
      for (let r = 0; r < last; r++) {
        const [from, to] = [(group * rows + r) * k + j, (q * rows + r) * columns];
        for (let c = 0; c < width; c++) values[to + c] = numbers[from + c]! + 0; // no −0 is stored
      }
    }
  }
  return { rows, columns, shape, pos, crd, values };
}

/** Of entries in any order, with the row-major index of each, single entries by rows. */
export function listIndexed(
  index: Uint32Array,
  values: ValueArray,
  shape: Shape,
  dtype: DType,
): Listed {
  const [m, k] = shape as [number, number];
  const holder = new Int32Array(m * k); // the position that an element has, and one more
  for (let p = 0; p < index.length; p++) if (index[p] !== outside) holder[index[p]!] = p + 1;
  const { pos, crd, words } = listWords(holder, [m, k], 0, index.length + k + 2);
  const out = valueArray(dtype, words.length);
  for (let e = 0; e < words.length; e++) out[e] = values[words[e]! - 1]!;
  return { rows: 1, columns: 1, shape, pos, crd, values: out };
}

/** How many entries each row of a group has, where all of them have the same columns; undefined where not. */
function alike({ pos, crd }: Listed, first: number, rows: number): number | undefined {
  const from = pos[first]!;
  const count = pos[first + 1]! - from;
  for (let r = 1; r < rows; r++) {
    const own = pos[first + r]!;
    if (pos[first + r + 1]! - own !== count) return undefined;
    for (let q = 0; q < count; q++) if (crd[own + q] !== crd[from + q]) return undefined;
  }
  return count;
}

/** Of single entries, the blocks that hold one. */
export function listBlocks(single: Listed, { rows, columns }: BlockRows, dtype: DType): Listed {
  const { shape, pos, crd, values } = single;
  const [m, k] = shape as [number, number];
  const [groups, across] = [Math.ceil(m / rows), Math.ceil(k / columns)];
  const bounds = new Uint32Array(groups + 1);
  const blocks = indexArray(across, crd.length); // no more than there are entries
  const marks = new Int32Array((across + 31) >> 5);
  const place = new Int32Array(across);
  let out = valueArray(dtype, crd.length + rows * across);
  let count = 0;
  for (let group = 0; group < groups; group++) {
    const first = group * rows;
    const own = Math.min(rows, m - first);
    const [from, end] = [pos[first]!, pos[first + own]!];
    const same = columns === 1 ? alike(single, first, own) : undefined;
    if (same === undefined) {
      for (let q = from; q < end; q++) {
        const b = columns === 1 ? crd[q]! : (crd[q]! / columns) >>> 0;
        marks[b >> 5]! |= 1 << (b & 31);
      }
      for (let w = 0; w < marks.length; w++) {
        for (let bits = marks[w]!; bits !== 0; bits &= bits - 1) {
          const b = (w << 5) + 31 - Math.clz32(bits & -bits);
          place[b] = count;
          blocks[count++] = b;
        }
        marks[w] = 0;
      }
    } else {
      blocks.set(crd.subarray(from, from + same), count);
      count += same;
    }
    bounds[group + 1] = count;
    if (out.length < count * rows * columns) out = wider(out, dtype, 2 * count * rows * columns);
    for (let r = 0; r < own; r++) {
      const [begin, until] = [pos[first + r]!, pos[first + r + 1]!];
      if (same === undefined)
        for (let q = begin; q < until; q++) {
          const j = crd[q]!;
          const b = columns === 1 ? j : (j / columns) >>> 0;
          out[(place[b]! * rows + r) * columns + j - b * columns] = values[q]!;
        }
      else
        for (let q = begin, to = bounds[group]! * rows + r; q < until; q++, to += rows)
          out[to] = values[q]!;
    }
  }
  const stored = count * rows * columns;
  const cut = stored === out.length ? out : wider(out.subarray(0, stored), dtype, stored);
  return { rows, columns, shape, pos: bounds, crd: blocks.subarray(0, count), values: cut };
}

/** A copy with room for more. */
function wider(values: ValueArray, dtype: DType, room: number): ValueArray {
  const out = valueArray(dtype, room);
  out.set(values);
  return out;
}
