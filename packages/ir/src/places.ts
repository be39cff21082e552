// Where entries lie in the levels of a format, and the order in which they are stored.
import { lossy, stridesOf, type Entries } from './entries.js';
import { SparseError } from './error.js';
import type { Format } from './layout.js';
import type { Level } from './level.js';
import type { BufferInput } from './pattern.js';

/** The place of each entry at every level: its coordinate, or where the level's order has that. */
export function placesOf(
  format: Format,
  levels: readonly Level[],
  entries: Entries,
  tables: readonly BufferInput[],
): Uint32Array[] {
  const coordinates = levels.map((l) => levelCoordinates(format, l, entries));
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

/** The coordinate of each entry at one level. */
function levelCoordinates(format: Format, level: Level, { shape, index }: Entries): Uint32Array {
  const out = new Uint32Array(index.length);
  const strides = stridesOf(shape);
  const along = (dim: number, e: number): number =>
    Math.floor(index[e]! / strides[dim]!) % shape[dim]!;
  if (level.kind === 'range') {
    // A diagonal begins in the first row or the first column: its t-th entry has t as one coordinate.
    const [i, j] = level.binds;
    return out.map((_, e) => Math.min(along(i!.dim, e), along(j!.dim, e)));
  }
  level.binds.forEach(({ dim, div, mod, minus }, which) => {
    for (let e = 0; e < out.length; e++) {
      const block = Math.floor(along(dim, e) / div);
      const line = minus === undefined ? 0 : shape[minus]! - 1 - along(minus, e);
      const c = (mod ? block % mod : block) + line;
      if (which > 0 && out[e] !== c)
        throw lossy(format, index[e]!, shape, `its coordinates disagree at level ${level.name}`);
      out[e] = c;
    }
  });
  return out;
}

/** Entries in the order of their level coordinates. */
export function sortOrder(
  levels: readonly Level[],
  coordinates: readonly Uint32Array[],
): Uint32Array {
  const count = coordinates[0]?.length ?? 0;
  const order = new Uint32Array(count);
  for (let e = 0; e < count; e++) order[e] = e;
  const compare = (a: number, b: number): number => {
    for (const c of coordinates) if (c[a] !== c[b]) return c[a]! - c[b]!;
    return 0;
  };
  let sorted = true;
  for (let e = 1; e < count && sorted; e++) sorted = compare(e - 1, e) <= 0;
  if (sorted) return order;
  const span = levels.reduce((n, l) => n * l.size, 1);
  if (span * count <= Number.MAX_SAFE_INTEGER) {
    // One sortable number an entry: its level coordinates, mixed radix, and then its place.
    const keys = new Float64Array(count);
    for (let e = 0; e < count; e++) {
      let key = 0;
      for (let k = 0; k < levels.length; k++) key = key * levels[k]!.size + coordinates[k]![e]!;
      keys[e] = key * count + e;
    }
    keys.sort();
    for (let e = 0; e < count; e++) order[e] = keys[e]! % count;
    return order;
  }
  return order.sort(compare);
}
