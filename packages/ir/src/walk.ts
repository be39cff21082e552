// The one recursion that visits storage. Each level becomes a closure  pos(p) -> begin, end  that calls
// the closure of the level below it; the last one checks that the entry is inside the shape (blocks may
// reach past it) and calls the visitor.
import type { IndexArray } from './dtype.js';
import { maskBytes, tableLength } from './buffers.js';
import { bufferOf, type Pattern } from './pattern.js';
import type { Level } from './level.js';

/** Called for each stored entry inside the shape: its coordinates (valid during the call) and position. */
export type Visit = (coordinates: Int32Array, position: number) => void;

type Step = (position: number) => void;

/**
 * Visits every stored entry of a pattern, in storage order. Entries of blocks that reach past the
 * shape are passed over.
 *
 * @example
 * ```ts
 * import { assemble, dense, walk } from '@lacuna/ir';
 * const t = assemble(dense(), [2, 2], Float32Array.of(1, 2, 3, 4));
 * const seen: number[] = [];
 * walk(t.pattern, ([i, j], position) => seen.push(i! * 10 + j! + position * 100));
 * seen; // [0, 101, 210, 311]
 * ```
 */
export function walk(pattern: Pattern, visit: Visit): void {
  const { levels, shape } = pattern;
  const coordinates = new Int32Array(shape.length);
  const at = new Int32Array(levels.length); // the coordinate of each level on the way down
  let step: Step = leaf(pattern, coordinates, visit);
  for (let k = levels.length - 1; k >= 0; k--) step = compile(pattern, k, at, coordinates, step);
  if (shape.every((extent) => extent > 0)) step(0);
}

function leaf(pattern: Pattern, coordinates: Int32Array, visit: Visit): Step {
  const { levels, shape } = pattern;
  const ragged = shape.map((_, dim) => dim).filter((dim) => reach(levels, dim) > shape[dim]!);
  if (ragged.length === 0) return (position) => visit(coordinates, position);
  return (position) => {
    for (const dim of ragged) if (coordinates[dim]! >= shape[dim]!) return;
    visit(coordinates, position);
  };
}

/** One past the largest coordinate of `dim` that the levels can name. */
function reach(levels: readonly Level[], dim: number): number {
  let largest = 0;
  for (const level of levels)
    for (const axis of level.binds) if (axis.dim === dim) largest += (level.size - 1) * axis.div;
  return largest + 1;
}

function compile(
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
    case 'slot':
      return (p) => {
        for (let c = 0; c < size; c++) {
          enter(c);
          below(p * size + c);
        }
        enter(0);
      };
    case 'compressed': {
      const [pos, crd] = [bufferOf(pattern, k, 'pos'), bufferOf(pattern, k, 'crd')];
      return (p) => {
        const end = pos[p + 1]!;
        for (let q = pos[p]!; q < end; q++) {
          enter(crd[q]!);
          below(q);
        }
        enter(0);
      };
    }
    case 'singleton': {
      const crd = bufferOf(pattern, k, 'crd');
      return (p) => {
        enter(crd[p]!);
        below(p);
        enter(0);
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
        enter(0);
      };
    }
    case 'fixed': {
      const count = level.count!;
      const coordinate = fixedCoordinate(pattern, k, at);
      return (p) => {
        for (let t = 0; t < count; t++) {
          enter(coordinate(p, t));
          below(p * count + t);
        }
        enter(0);
      };
    }
    default:
      return level.kind satisfies never;
  }
}

/** `enter(c)` sets the level's coordinate and with it its share of the dimensions it binds. */
function binder(
  level: Level,
  k: number,
  at: Int32Array,
  coordinates: Int32Array,
): (c: number) => void {
  const [first, second] = level.binds;
  if (!first) return (c) => void (at[k] = c);
  const set = (axis: typeof first, delta: number): void =>
    void (coordinates[axis.dim]! += delta * axis.div);
  return (c) => {
    const delta = c - at[k]!;
    at[k] = c;
    set(first, delta);
    if (second) set(second, delta);
  };
}

/** The coordinate of the t-th entry under position p of a `fixed` level: stored, or through its table. */
export function fixedCoordinate(
  pattern: Pattern,
  k: number,
  at: Int32Array,
): (p: number, t: number) => number {
  const level = pattern.levels[k]!;
  const count = level.count!;
  const { by } = level;
  if (!by) {
    const crd = bufferOf(pattern, k, 'crd');
    return (p, t) => crd[p * count + t]!;
  }
  const table: ArrayLike<number> = by.data ?? bufferOf(pattern, k, 'table');
  const outer = by.over.map((name) => pattern.levels.findIndex((l) => l.name === name));
  const sizes = outer.map((l) => pattern.levels[l]!.size);
  const width = tableLength(pattern.levels, level) / sizes.reduce((a, b) => a * b, 1);
  const crd: IndexArray | undefined = by.of === undefined ? undefined : bufferOf(pattern, k, 'crd');
  return (p, t) => {
    let row = 0;
    for (let o = 0; o < outer.length; o++) row = row * sizes[o]! + at[outer[o]!]!;
    return table[row * width + (crd ? crd[p * count + t]! : t)]!;
  };
}
