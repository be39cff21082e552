// Where entries lie in the levels of a format, and the order in which they are stored.
import { lossy, stridesOf, type Entries } from './entries.js';
import { SparseError } from './error.js';
import type { Format } from './layout.js';
import type { Axis } from './axis.js';
import type { Level } from './level.js';
import type { BufferInput } from './pattern.js';

/** The place of each entry at every level: its coordinate, or where the level's order has that. */
export function placesOf(
  format: Format,
  levels: readonly Level[],
  entries: Entries,
  tables: readonly BufferInput[],
): Uint32Array[] {
  const along = dimensionCoordinates(entries);
  const coordinates = levels.map((l) => levelCoordinates(format, l, entries, along));
  return levels.map((level, k) => {
    const own = coordinates[k]!;
    if (!level.by) return own;
    const order = level.by.data ?? tables.find((t) => t.level === k && t.role === 'table')?.data;
    if (level.kind !== 'dense' || !order)
      throw new SparseError(
        'plugin',
        `layout ${format.layout.layoutName} leaves a choice at level ${level.name}, beside levels that list what is stored`,
        { hint: 'there, only the order of a dense level may be chosen, by assign' },
      );
    const outer = level.by.over.map((name) => levels.findIndex((l) => l.name === name));
    const place = new Uint32Array(order.length);
    for (let t = 0; t < order.length; t++) place[t - (t % level.size) + order[t]!] = t % level.size;
    return own.map((c, e) => {
      const row = outer.reduce((r, l) => r * levels[l]!.size + coordinates[l]![e]!, 0);
      return place[row * level.size + c]!;
    });
  });
}

/** The coordinate of each entry in each dimension. */
function dimensionCoordinates({ shape, index }: Entries): Uint32Array[] {
  const strides = stridesOf(shape);
  return shape.map((extent, dim) => {
    const out = new Uint32Array(index.length);
    const stride = strides[dim]!;
    if (index instanceof Uint32Array) {
      // Whole 32-bit numbers divide many times faster than doubles do, and the first dimension has no remainder.
      if (dim === 0) for (let e = 0; e < out.length; e++) out[e] = (index[e]! / stride) >>> 0;
      else if (stride === 1) for (let e = 0; e < out.length; e++) out[e] = index[e]! % extent;
      else for (let e = 0; e < out.length; e++) out[e] = ((index[e]! / stride) >>> 0) % extent;
      return out;
    }
    for (let e = 0; e < out.length; e++) out[e] = Math.floor(index[e]! / stride) % extent;
    return out;
  });
}

/** The coordinate of each entry at one level. */
function levelCoordinates(
  format: Format,
  level: Level,
  { shape, index }: Entries,
  along: readonly Uint32Array[],
): Uint32Array {
  const [first, second] = level.binds;
  if (!first) return new Uint32Array(index.length);
  if (level.kind === 'range') {
    // A diagonal begins in the first row or the first column: its t-th entry has t as one coordinate.
    const [i, j] = [along[first.dim]!, along[second!.dim]!];
    return i.map((row, e) => Math.min(row, j[e]!));
  }
  const coordinates = ({ dim, div, mod, minus }: Axis): Uint32Array => {
    const own = along[dim]!;
    if (div === 1 && mod === 0 && minus === undefined) return own;
    const out = new Uint32Array(own.length);
    if (mod === 0) for (let e = 0; e < out.length; e++) out[e] = (own[e]! / div) >>> 0;
    else if (mod > 1) for (let e = 0; e < out.length; e++) out[e] = ((own[e]! / div) >>> 0) % mod;
    if (minus !== undefined) {
      const [line, last] = [along[minus]!, shape[minus]! - 1];
      for (let e = 0; e < out.length; e++) out[e]! += last - line[e]!;
    }
    return out;
  };
  const out = coordinates(first);
  if (second) {
    const other = coordinates(second);
    let e = 0;
    while (e < out.length && other[e] === out[e]) e++;
    if (e < out.length)
      throw lossy(format, index[e]!, shape, `its coordinates disagree at level ${level.name}`);
  }
  return out;
}

/**
 * Entries in the order of their level coordinates; undefined where they are in it. By counting, a level at a time
 * from the last: linear in entries, whatever the layout.
 */
export function sortOrder(
  levels: readonly Level[],
  coordinates: readonly Uint32Array[],
): Uint32Array | undefined {
  const count = coordinates[0]?.length ?? 0;
  if (inOrder(coordinates, count)) return undefined;
  let order = new Uint32Array(count);
  for (let e = 0; e < count; e++) order[e] = e;
  let next = new Uint32Array(count);
  for (let k = sortedFrom(levels) - 1; k >= 0; k--) {
    const c = coordinates[k]!;
    const { size } = levels[k]!;
    if (size <= 1) continue;
    const starts = new Uint32Array(size + 1);
    for (let e = 0; e < count; e++) starts[c[e]! + 1]!++;
    for (let at = 1; at < starts.length; at++) starts[at]! += starts[at - 1]!;
    for (let at = 0; at < count; at++) {
      const e = order[at]!;
      next[starts[c[e]!]!++] = e;
    }
    [order, next] = [next, order];
  }
  return order;
}

/**
 * The first of the last levels that row-major order sorts already: entries come in that order, and counting keeps
 * it among those that agree in the levels before. Such levels go on to later dimensions, or to finer parts of one:
 * `i%4, j%1` of blocks.
 */
function sortedFrom(levels: readonly Level[]): number {
  let k = levels.length;
  let [dim, div] = [Infinity, 0];
  while (k > 0) {
    const { binds, by, size } = levels[k - 1]!;
    const [axis, second] = binds;
    const plain = axis && !second && !by && axis.minus === undefined;
    if (!plain || axis.dim > dim || (axis.dim === dim && axis.div <= div)) {
      if (size > 1) return k;
    } else [dim, div] = [axis.dim, axis.div];
    k--;
  }
  return k;
}

function inOrder(coordinates: readonly Uint32Array[], count: number): boolean {
  const [a, b] = coordinates;
  if (!a) return true;
  for (let e = 1; e < count; e++) {
    if (a[e - 1]! < a[e]!) continue;
    if (a[e - 1]! > a[e]!) return false;
    if (!b || b[e - 1]! < b[e]!) continue;
    if (b[e - 1]! > b[e]! || !inOrderBelow(coordinates, e)) return false;
  }
  return true;
}

/** Whether entry e is not before the one before it, which agrees with it in the first two levels. */
function inOrderBelow(coordinates: readonly Uint32Array[], e: number): boolean {
  for (let k = 2; k < coordinates.length; k++) {
    const c = coordinates[k]!;
    if (c[e - 1]! < c[e]!) return true;
    if (c[e - 1]! > c[e]!) return false;
  }
  return true;
}
