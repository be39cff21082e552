// A tensor as lines along one axis: what softmax, running sums and look-ups go along.
import { sizeOf, type Shape } from '@lacuna/ir';
import { axisOf } from '../shapes.js';

/** Element e of line (o, i) lies at (o·extent + e)·inner + i. */
export interface Lines {
  readonly outer: number;
  readonly extent: number;
  readonly inner: number;
}

/** The lines of a shape along an axis, −1 being the last. */
export function linesOf(op: string, shape: Shape, axis: number): Lines {
  const along = axisOf(op, axis, shape);
  return {
    outer: sizeOf(shape.slice(0, along)),
    extent: shape[along]!,
    inner: sizeOf(shape.slice(along + 1)),
  };
}

/** Visits every line by the place of its first element; the others follow in steps of `inner`. */
export function eachLine({ outer, extent, inner }: Lines, visit: (start: number) => void): void {
  for (let o = 0; o < outer; o++) for (let i = 0; i < inner; i++) visit(o * extent * inner + i);
}
