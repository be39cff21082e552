// The one recursion that visits storage. Each level becomes a closure  pos(p) -> begin, end  that calls
// the closure of the level below it; the last one checks that the entry is inside the shape (blocks may
// reach past it) and calls the visitor.
import { stridesOf } from './entries.js';
import { expand, type Step } from './expand.js';
import { sizeOf, type Pattern } from './pattern.js';
import type { Level } from './level.js';

/** Called for each stored entry inside the shape: its coordinates (valid during the call) and position. */
export type Visit = (coordinates: Int32Array, position: number) => void;

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
  for (const { binds } of levels)
    for (const { dim, minus } of binds)
      if (minus !== undefined) coordinates[dim]! += 1 - shape[minus]!; // the first diagonal
  let first = step;
  for (let k = levels.length - 1; k >= 0; k--) first = expand(pattern, k, at, coordinates, first);
  if (shape.every((extent) => extent > 0)) first(0);
}

/**
 * {@link walk} with the row-major index in place of coordinates: what most callers want, and quicker,
 * because every level adds its share to one number.
 */
export function walkFlat(pattern: Pattern, visit: (flat: number, position: number) => void): void {
  const { levels, shape } = pattern;
  const strides = stridesOf(shape);
  const lines = levels.some((level) => level.kind === 'range');
  const whole = !lines && shape.every((extent, dim) => reach(levels, dim) <= extent);
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
