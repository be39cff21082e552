// What one level does in a walk: a closure over its buffers that expands a position.
import { maskBytes } from './buffers.js';
import type { Level, LevelTable } from './level.js';
import { bufferOf, type Pattern } from './pattern.js';

/** Goes on from a position. */
export type Step = (position: number) => void;

/** `pos(p) -> begin, end` of level k, which enters each coordinate and calls the level `below`. */
export function expand(
  pattern: Pattern,
  k: number,
  at: Int32Array,
  coordinates: Int32Array,
  below: Step,
): Step {
  const level = pattern.levels[k]!;
  const enter = binder(level, k, at, coordinates);
  const { size } = level;
  switch (level.kind) {
    case 'dense':
    case 'slot': {
      if (level.by) return reordered(pattern, k, at, enter, below);
      return (p) => {
        for (let c = 0; c < size; c++) {
          enter(c);
          below(p * size + c);
        }
      };
    }
    case 'range': {
      const outer = pattern.levels.findIndex((l) => l.name === level.along);
      const [rows, columns] = level.binds.map(({ dim }) => pattern.shape[dim]!);
      return (p) => {
        const offset = at[outer]! - (rows! - 1); // j − i of this diagonal
        const begin = Math.max(0, -offset);
        const end = Math.min(rows!, columns! - offset);
        for (let c = begin; c < end; c++) {
          enter(c);
          below(p * size + c - begin);
        }
      };
    }
    case 'masked': {
      const mask = bufferOf(pattern, k, 'mask');
      const row = maskBytes(size);
      return (p) => {
        for (let c = 0; c < size; c++) {
          if (((mask[p * row + (c >> 3)]! >> (c & 7)) & 1) === 0) continue;
          enter(c);
          below(p * size + c);
        }
      };
    }
    case 'compressed': {
      const [pos, crd] = [bufferOf(pattern, k, 'pos'), bufferOf(pattern, k, 'crd')];
      if (level.delta)
        return (p) => {
          const end = pos[p + 1]!;
          for (let q = pos[p]!, c = -1; q < end; q++) {
            enter((c += crd[q]! + 1));
            below(q);
          }
        };
      return (p) => {
        const end = pos[p + 1]!;
        for (let q = pos[p]!; q < end; q++) {
          enter(crd[q]!);
          below(q);
        }
      };
    }
    case 'singleton': {
      const crd = bufferOf(pattern, k, 'crd');
      return (p) => {
        enter(crd[p]!);
        below(p);
      };
    }
    case 'bitmask': {
      const [mask, rank] = [bufferOf(pattern, k, 'mask'), bufferOf(pattern, k, 'rank')];
      const row = maskBytes(size);
      return (p) => {
        let q = rank[p]!;
        for (let c = 0; c < size; c++) {
          if (((mask[p * row + (c >> 3)]! >> (c & 7)) & 1) === 0) continue;
          enter(c);
          below(q++);
        }
      };
    }
    case 'fixed': {
      const count = level.count!;
      const { from, begin, table } = fixedCoordinates(pattern, k, at);
      return (p) => {
        const first = begin(p);
        for (let t = 0; t < count; t++) {
          const c = from[first + t]!;
          enter(table ? table(c) : c);
          below(p * count + t);
        }
      };
    }
    default:
      return level.kind satisfies never;
  }
}

/**
 * `enter(c)` sets the level's coordinate and with it its share of the dimensions it binds. What a level
 * leaves behind is corrected when it is entered again, which every way to a leaf does.
 */
function binder(
  level: Level,
  k: number,
  at: Int32Array,
  coordinates: Int32Array,
): (c: number) => void {
  const [first, second] = level.binds;
  if (!first) return (c) => void (at[k] = c);
  if (!second) {
    const { dim, div } = first;
    return (c) => {
      coordinates[dim]! += (c - at[k]!) * div;
      at[k] = c;
    };
  }
  const set = (axis: typeof first, delta: number): void =>
    void (coordinates[axis.dim]! += delta * axis.div);
  return (c) => {
    const delta = c - at[k]!;
    at[k] = c;
    set(first, delta);
    set(second, delta);
  };
}

/**
 * Where the coordinates of a `fixed` level's entries under position p are: entry t's is
 * `from[begin(p) + t]`, or that place of `table`.
 */
interface FixedCoordinates {
  readonly from: ArrayLike<number>;
  readonly begin: (p: number) => number;
  readonly table?: (c: number) => number;
}

function fixedCoordinates(pattern: Pattern, k: number, at: Int32Array): FixedCoordinates {
  const level = pattern.levels[k]!;
  const count = level.count!;
  const { by } = level;
  const stored = (p: number): number => p * count;
  if (!by) return { from: bufferOf(pattern, k, 'crd'), begin: stored };
  const table = by.data ? Uint32Array.from(by.data) : bufferOf(pattern, k, 'table');
  const row = rowOf(pattern, by, by.of ?? count, at);
  if (by.of === undefined) return { from: table, begin: row };
  return { from: bufferOf(pattern, k, 'crd'), begin: stored, table: (c) => table[row() + c]! };
}

/** A dense level in the order of a table. */
function reordered(
  pattern: Pattern,
  k: number,
  at: Int32Array,
  enter: (c: number) => void,
  below: Step,
): Step {
  const { by, size } = pattern.levels[k]!;
  const table = bufferOf(pattern, k, 'table');
  const row = rowOf(pattern, by!, size, at);
  return (p) => {
    const first = row();
    for (let t = 0; t < size; t++) {
      enter(table[first + t]!);
      below(p * size + t);
    }
  };
}

/** Where the part of a table begins that the outer levels' coordinates point to. */
function rowOf(
  { levels }: Pattern,
  { over }: LevelTable,
  width: number,
  at: Int32Array,
): () => number {
  const outer = over.map((name) => levels.findIndex((l) => l.name === name));
  const sizes = outer.map((l) => levels[l]!.size);
  return () => {
    let r = 0;
    for (let o = 0; o < outer.length; o++) r = r * sizes[o]! + at[outer[o]!]!;
    return r * width;
  };
}
