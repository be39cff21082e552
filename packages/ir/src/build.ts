// Storage for layouts without a choice: entries are sorted by their level coordinates, and one pass down
// the levels writes each buffer from front to back.
import { encodeValues, type DType } from './dtype.js';
import { lossy, stridesOf, type Entries } from './entries.js';
import { SparseError } from './error.js';
import type { Format } from './layout.js';
import type { Level } from './level.js';
import { maskBytes, positionsOf } from './buffers.js';
import { makePattern, valueCount, type BufferInput } from './pattern.js';
import { makeTensor, type Tensor } from './tensor.js';

/** Stores entries in a format whose levels leave nothing to choose. */
export function build(
  format: Format,
  levels: readonly Level[],
  entries: Entries,
  dtype: DType,
): Tensor {
  const coordinates = levels.map((l) => levelCoordinates(format, l, entries));
  const order = sortOrder(levels, coordinates);
  const writers = levels.map(() => ({ pos: [] as number[], crd: [] as number[] }));
  const masks = levels.map(() => new Map<number, number>());
  const values: number[] = [];
  const fills = levels.map((_, k) => levels.slice(k).some((l) => l.kind === 'fixed'));
  const at = (k: number, e: number): number => coordinates[k]![order[e]!]!;

  function descend(k: number, p: number, begin: number, end: number): void {
    if (begin === end && !fills[k]) return;
    const level = levels[k];
    if (!level) {
      if (end - begin > 1)
        throw new SparseError('corrupt', `entry ${entries.index[order[begin]!]} is given twice`, {
          hint: 'add duplicates up first',
        });
      if (end > begin) values[p] = entries.values[order[begin]!]!;
      return;
    }
    const { pos, crd } = writers[k]!;
    let e = begin;
    const runEnd = (c: number): number => {
      let stop = e;
      while (stop < end && at(k, stop) === c) stop++;
      return stop;
    };
    switch (level.kind) {
      case 'dense':
        for (let c = fills[k] ? 0 : at(k, begin); c < level.size && (fills[k] || e < end); c++) {
          const stop = runEnd(c);
          descend(k + 1, p * level.size + c, e, stop);
          e = stop;
        }
        return;
      case 'compressed':
      case 'bitmask':
        while (e < end) {
          const c = at(k, e);
          const stop = level.unique ? runEnd(c) : e + 1;
          const q = crd.push(c) - 1;
          pos[p + 1] = q + 1;
          if (level.kind === 'bitmask') {
            const byte = p * maskBytes(level.size) + (c >> 3);
            masks[k]!.set(byte, (masks[k]!.get(byte) ?? 0) | (1 << (c & 7)));
          }
          descend(k + 1, q, e, stop);
          e = stop;
        }
        return;
      case 'singleton':
        crd[p] = at(k, e);
        descend(k + 1, p, begin, end);
        return;
      case 'fixed': {
        const group = distinct(level, k, begin, end);
        group.forEach((c, t) => {
          crd[p * level.count! + t] = c;
          const stop = e < end && at(k, e) === c ? runEnd(c) : e;
          descend(k + 1, p * level.count! + t, e, stop);
          e = stop;
        });
        return;
      }
      case 'slot':
        throw new SparseError(
          'plugin',
          `layout ${format.layout.layoutName} has a slot and no assign`,
          { hint: 'give the layout an assign function' },
        );
      default:
        return level.kind satisfies never;
    }
  }

  /** The coordinates of a group in order, filled up with the lowest free ones to exactly `count`. */
  function distinct(level: Level, k: number, begin: number, end: number): number[] {
    const group = new Set<number>();
    for (let e = begin; e < end; e++) group.add(at(k, e));
    if (group.size > level.count!)
      throw lossy(
        format,
        entries.index[order[begin]!]!,
        entries.shape,
        `a group of ${level.name} has ${group.size} entries, and ${level.count} fit`,
      );
    for (let c = 0; group.size < level.count! && c < level.size; c++) group.add(c);
    return [...group].sort((a, b) => a - b);
  }

  descend(0, 0, 0, order.length);
  const inputs: BufferInput[] = [];
  let parents = 1;
  levels.forEach((level, k) => {
    const { pos, crd } = writers[k]!;
    if (level.kind === 'compressed' || level.kind === 'bitmask') {
      const bounds = new Uint32Array(parents + 1);
      for (let p = 1; p <= parents; p++) bounds[p] = pos[p] ?? bounds[p - 1]!;
      inputs.push({ level: k, role: level.kind === 'bitmask' ? 'rank' : 'pos', data: bounds });
    }
    if (level.kind === 'bitmask') {
      const bits = new Uint8Array(parents * maskBytes(level.size));
      for (const [byte, value] of masks[k]!) bits[byte] = value;
      inputs.push({ level: k, role: 'mask', data: bits });
    } else inputs.push({ level: k, role: 'crd', data: crd });
    parents = positionsOf(level, parents) ?? crd.length;
  });
  const pattern = makePattern(format, entries.shape, inputs);
  const numbers = new Float64Array(valueCount(pattern));
  for (let p = 0; p < numbers.length; p++) numbers[p] = values[p] ?? 0;
  return makeTensor(pattern, dtype, encodeValues(dtype, numbers));
}

/** The coordinate of each entry at one level. */
function levelCoordinates(format: Format, level: Level, { shape, index }: Entries): Uint32Array {
  const out = new Uint32Array(index.length);
  level.binds.forEach(({ dim, div, mod }, which) => {
    const stride = stridesOf(shape)[dim]!;
    const extent = shape[dim]!;
    for (let e = 0; e < out.length; e++) {
      const block = Math.floor((Math.floor(index[e]! / stride) % extent) / div);
      const c = mod ? block % mod : block;
      if (which > 0 && out[e] !== c)
        throw lossy(format, index[e]!, shape, `its coordinates disagree at level ${level.name}`);
      out[e] = c;
    }
  });
  return out;
}

/** Entries in the order of their level coordinates. */
function sortOrder(levels: readonly Level[], coordinates: readonly Uint32Array[]): Uint32Array {
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
