// The one recursion that visits storage. Each level becomes a closure  pos(p) -> begin, end  that calls
// the closure of the level below it; the last one checks that the entry is inside the shape (blocks may
// reach past it) and calls the visitor.
import { maskBytes } from './buffers.js';
import { stridesOf } from './entries.js';
import { bufferOf, sizeOf, type Pattern } from './pattern.js';
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
  const coordinates = new Int32Array(pattern.shape.length);
  descend(pattern, coordinates, leaf(pattern, coordinates, visit));
}

/** Calls `step` for each stored position, with the `coordinates` of it set. */
function descend(pattern: Pattern, coordinates: Int32Array, step: Step): void {
  const { levels, shape } = pattern;
  const at = new Int32Array(levels.length); // the coordinate of each level on the way down
  let first = step;
  for (let k = levels.length - 1; k >= 0; k--) first = compile(pattern, k, at, coordinates, first);
  if (shape.every((extent) => extent > 0)) first(0);
}

/**
 * {@link walk} with the row-major index in place of coordinates: what most callers want, and quicker,
 * because every level adds its share to one number.
 */
export function walkFlat(pattern: Pattern, visit: (flat: number, position: number) => void): void {
  const { levels, shape } = pattern;
  const strides = stridesOf(shape);
  const whole = shape.every((extent, dim) => reach(levels, dim) <= extent);
  if (whole && sizeOf(shape) < 2 ** 31) {
    // The same storage seen as one long dimension.
    const line = levels.map((level) => ({
      ...level,
      binds: level.binds.map((axis) => ({ ...axis, dim: 0, div: axis.div * strides[axis.dim]! })),
    }));
    const at: Pattern = { ...pattern, levels: line, shape: [sizeOf(shape)] };
    const coordinate = new Int32Array(1);
    return descend(at, coordinate, (position) => visit(coordinate[0]!, position));
  }
  walk(pattern, (coordinates, position) => {
    let flat = 0;
    for (let dim = 0; dim < strides.length; dim++) flat += coordinates[dim]! * strides[dim]!;
    visit(flat, position);
  });
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
      };
    case 'compressed': {
      const [pos, crd] = [bufferOf(pattern, k, 'pos'), bufferOf(pattern, k, 'crd')];
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
  const outer = by.over.map((name) => pattern.levels.findIndex((l) => l.name === name));
  const sizes = outer.map((l) => pattern.levels[l]!.size);
  const width = by.of ?? count;
  const row = (): number => {
    let r = 0;
    for (let o = 0; o < outer.length; o++) r = r * sizes[o]! + at[outer[o]!]!;
    return r * width;
  };
  if (by.of === undefined) return { from: table, begin: row };
  return { from: bufferOf(pattern, k, 'crd'), begin: stored, table: (c) => table[row() + c]! };
}
