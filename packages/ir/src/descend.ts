// What one level makes of the positions above it: for each entry, in order, position(parent, coordinate); and the
// level's buffers. The same table as `walk` reads, the other way round.
import { maskBytes, type BufferRole } from './buffers.js';
import { byteWidth, type IndexArray } from './dtype.js';
import { lossy, type Entries } from './entries.js';
import { SparseError } from './error.js';
import type { Format } from './layout.js';
import type { Level } from './level.js';

/** A level, and entries in the order of storage. */
export interface Expansion {
  readonly format: Format;
  readonly level: Level;
  /** The level's coordinate of each entry. */
  readonly at: Uint32Array;
  /** The position of each entry above the level; becomes its position at the level. */
  readonly position: Uint32Array;
  /** Positions above the level. */
  readonly parents: number;
  readonly entries: Entries;
  readonly order: Uint32Array | undefined;
}

/** Positions at a level, and its buffers. */
export interface Expanded {
  readonly stored: number;
  readonly buffers: readonly { readonly role: BufferRole; readonly data: IndexArray }[];
}

/** Takes entries one level down. */
export function descend(e: Expansion): Expanded {
  switch (e.level.kind) {
    case 'dense':
    case 'range':
      return everywhere(e);
    case 'masked':
      return everywhere(e, true);
    case 'compressed':
      return e.level.delta ? gaps(e) : listed(e);
    case 'bitmask':
      return listed(e, true);
    case 'singleton':
      return alone(e);
    case 'fixed':
      return filled(e);
    case 'slot':
      throw new SparseError(
        'plugin',
        `layout ${e.format.layout.layoutName} has a slot and no assign`,
        { hint: 'give the layout an assign function' },
      );
    default:
      return e.level.kind satisfies never;
  }
}

/** Every coordinate under every parent: p · size + c. */
function everywhere({ level, at, position, parents }: Expansion, marked = false): Expanded {
  const { size } = level;
  const bits = new Uint8Array(marked ? parents * maskBytes(size) : 0);
  for (let e = 0; e < at.length; e++) {
    const c = at[e]!;
    if (marked) bits[position[e]! * maskBytes(size) + (c >> 3)]! |= 1 << (c & 7);
    position[e] = position[e]! * size + c;
  }
  return { stored: parents * size, buffers: marked ? [{ role: 'mask', data: bits }] : [] };
}

/** One position for each (parent, coordinate) that occurs; for each entry, where coordinates may repeat. */
function listed({ level, at, position, parents }: Expansion, asBits = false): Expanded {
  const bounds = new Uint32Array(parents + 1);
  const crd = new Uint32Array(at.length);
  const row = maskBytes(level.size);
  const bits = new Uint8Array(asBits ? parents * row : 0);
  let [stored, above, before] = [0, -1, -1];
  for (let e = 0; e < at.length; e++) {
    const [p, c] = [position[e]!, at[e]!];
    if (p !== above || c !== before || !level.unique) {
      crd[stored++] = c;
      bounds[p + 1] = stored;
      if (asBits) bits[p * row + (c >> 3)]! |= 1 << (c & 7);
    }
    [above, before] = [p, c];
    position[e] = stored - 1;
  }
  for (let p = 1; p <= parents; p++) if (bounds[p]! < bounds[p - 1]!) bounds[p] = bounds[p - 1]!;
  const places = { role: 'crd', data: crd.subarray(0, stored) } as const;
  if (!asBits) return { stored, buffers: [{ role: 'pos', data: bounds }, places] };
  return {
    stored,
    buffers: [
      { role: 'mask', data: bits },
      { role: 'rank', data: bounds },
    ],
  };
}

/** Distances from the coordinate before; where one is too wide, positions without entries lie between. */
function gaps({ level, at, position, parents }: Expansion): Expanded {
  const most = 2 ** (8 * byteWidth(level.width)) - 1;
  const bounds = new Uint32Array(parents + 1);
  const crd: number[] = [];
  let [above, before, after] = [-1, -1, 0]; // after: one past the coordinate before
  for (let e = 0; e < at.length; e++) {
    const [p, c] = [position[e]!, at[e]!];
    if (p !== above) after = 0;
    if (p !== above || c !== before) {
      for (; c - after > most; after += most + 1) crd.push(most);
      crd.push(c - after);
      after = c + 1;
      bounds[p + 1] = crd.length;
    }
    [above, before] = [p, c];
    position[e] = crd.length - 1;
  }
  for (let p = 1; p <= parents; p++) if (bounds[p]! < bounds[p - 1]!) bounds[p] = bounds[p - 1]!;
  const data = Uint32Array.from(crd);
  return {
    stored: crd.length,
    buffers: [
      { role: 'pos', data: bounds },
      { role: 'crd', data },
    ],
  };
}

/** One coordinate for each position. */
function alone({ at, position, parents }: Expansion): Expanded {
  const crd = new Uint32Array(parents);
  for (let e = 0; e < at.length; e++) crd[position[e]!] = at[e]!;
  return { stored: parents, buffers: [{ role: 'crd', data: crd }] };
}

/** Exactly `count` coordinates under every parent, in order: those that occur, and the lowest free ones. */
function filled({ format, level, at, position, parents, entries, order }: Expansion): Expanded {
  const count = level.count!;
  const crd = new Uint32Array(parents * count);
  let e = 0;
  for (let p = 0; p < parents; p++) {
    let end = e;
    let distinct = 0;
    for (; end < at.length && position[end] === p; end++)
      distinct += Number(end === e || at[end] !== at[end - 1]);
    if (distinct > count) {
      const why = `a group of ${level.name} has ${distinct} entries, and ${count} fit`;
      throw lossy(format, entries.index[order ? order[e]! : e]!, entries.shape, why);
    }
    let [free, t] = [count - distinct, 0];
    for (let c = 0; t < count && (free > 0 || e < end); c = nextOf(c, free, at, e, end)) {
      const here = e < end && at[e] === c;
      if (!here && free === 0) continue;
      if (!here) free--;
      crd[p * count + t] = c;
      for (; e < end && at[e] === c; e++) position[e] = p * count + t;
      t++;
    }
  }
  return { stored: parents * count, buffers: [{ role: 'crd', data: crd }] };
}

/** The next coordinate to look at: the next one while some are free, else the next that occurs. */
function nextOf(c: number, free: number, at: Uint32Array, e: number, end: number): number {
  return free > 0 || e >= end ? c + 1 : at[e]!;
}
