// A row: all numbers that differ in the last coordinate only.
import type { Shape } from '@lacuna/ir';

/** Numbers of a row; a tensor without dimensions is one row of one number. */
export function rowLength(shape: Shape): number {
  return shape.at(-1) ?? 1;
}
