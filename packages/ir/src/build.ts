// Storage for layouts without a choice: entries are sorted by their level coordinates, and one pass down
// the levels writes each buffer from front to back.
import { byteWidth, encodeValues, type DType } from './dtype.js';
import { lossy, type Entries } from './entries.js';
import { SparseError } from './error.js';
import type { Format } from './layout.js';
import type { Level } from './level.js';
import { vouch } from './check.js';
import { maskBytes, positionsOf } from './buffers.js';
import { makePattern, valueCount, type BufferInput } from './pattern.js';
import { placesOf, sortOrder } from './places.js';
import { makeTensor, type Tensor } from './tensor.js';

/** Stores entries in a format; `tables` holds the orders of dense levels, the one choice that is allowed here. */
export function build(
  format: Format,
  levels: readonly Level[],
  entries: Entries,
  dtype: DType,
  tables: readonly BufferInput[] = [],
): Tensor {
  const places = placesOf(format, levels, entries, tables);
  const order = sortOrder(levels, places);
  const writers = levels.map(() => ({ pos: [] as number[], crd: [] as number[] }));
  const masks = levels.map(() => new Map<number, number>());
  const values: number[] = [];
  const after = levels.map(() => 0); // for levels of gaps: one past the coordinate before
  const fills = levels.map((_, k) => levels.slice(k).some((l) => l.kind === 'fixed'));
  const at = (k: number, e: number): number => places[k]![order[e]!]!;

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
      case 'range':
        for (let c = fills[k] ? 0 : at(k, begin); c < level.size && (fills[k] || e < end); c++) {
          const stop = runEnd(c);
          descend(k + 1, p * level.size + c, e, stop);
          e = stop;
        }
        return;
      case 'masked':
        for (let c = 0; c < level.size && (fills[k] || e < end); c++) {
          const stop = runEnd(c);
          if (stop > e) setBit(k, p, c, level.size);
          descend(k + 1, p * level.size + c, e, stop);
          e = stop;
        }
        return;
      case 'compressed':
      case 'bitmask':
        after[k] = 0;
        while (e < end) {
          const c = at(k, e);
          const stop = level.unique ? runEnd(c) : e + 1;
          if (level.delta) skipTo(level, k, p, c, e);
          const q = crd.push(level.delta ? c - after[k] : c) - 1;
          after[k] = c + 1;
          pos[p + 1] = q + 1;
          if (level.kind === 'bitmask') setBit(k, p, c, level.size);
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

  function setBit(k: number, p: number, c: number, size: number): void {
    const byte = p * maskBytes(size) + (c >> 3);
    masks[k]!.set(byte, (masks[k]!.get(byte) ?? 0) | (1 << (c & 7)));
  }

  /** Stores empty entries wherever a gap is too wide for the level's coordinates. */
  function skipTo(level: Level, k: number, p: number, c: number, e: number): void {
    const { pos, crd } = writers[k]!;
    const most = 2 ** (8 * byteWidth(level.width)) - 1;
    while (c - after[k]! > most) {
      const q = crd.push(most) - 1;
      pos[p + 1] = q + 1;
      after[k]! += most + 1;
      descend(k + 1, q, e, e);
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
  const inputs: BufferInput[] = [...tables];
  let parents = 1;
  levels.forEach((level, k) => {
    const { pos, crd } = writers[k]!;
    if (level.kind === 'compressed' || level.kind === 'bitmask') {
      const bounds = new Uint32Array(parents + 1);
      for (let p = 1; p <= parents; p++) bounds[p] = pos[p] ?? bounds[p - 1]!;
      inputs.push({ level: k, role: level.kind === 'bitmask' ? 'rank' : 'pos', data: bounds });
    }
    if (level.kind === 'bitmask' || level.kind === 'masked') {
      const bits = new Uint8Array(parents * maskBytes(level.size));
      for (const [byte, value] of masks[k]!) bits[byte] = value;
      inputs.push({ level: k, role: 'mask', data: bits });
    }
    const stored = positionsOf(level, parents) ?? crd.length;
    const data = Array.from({ length: stored }, (_, q) => crd[q] ?? 0);
    if (level.kind === 'singleton' || level.kind === 'fixed' || level.kind === 'compressed')
      inputs.push({ level: k, role: 'crd', data });
    parents = stored;
  });
  const pattern = vouch(makePattern(format, entries.shape, inputs));
  const numbers = new Float64Array(valueCount(pattern));
  for (let p = 0; p < numbers.length; p++) numbers[p] = values[p] ?? 0;
  return makeTensor(pattern, dtype, encodeValues(dtype, numbers));
}
