// Entries are what every layout holds: a place and a number each. Formats differ only in how.
import { SparseError } from './error.js';
import type { Format, Shape } from './layout.js';
import { printFormat } from './format.js';
import { sizeOf } from './pattern.js';

/** Entries of a tensor: row-major flat indices, ascending and distinct, and a number each. */
export interface Entries {
  readonly shape: Shape;
  readonly index: Uint32Array | Float64Array;
  readonly values: ArrayLike<number>;
}

/** The coordinates of a row-major flat index. */
export function coordinatesOf(flat: number, shape: Shape): number[] {
  return shape.map((extent, dim) => Math.floor(flat / sizeOf(shape.slice(dim + 1))) % extent);
}

/** How far apart neighbours are in a row-major array, for each dimension. */
export function stridesOf(shape: Shape): number[] {
  return shape.map((_, dim) => sizeOf(shape.slice(dim + 1)));
}

/** The refusal to drop an entry. */
export function lossy(format: Format, flat: number, shape: Shape, why: string): SparseError {
  const coordinates = coordinatesOf(flat, shape);
  return new SparseError(
    'lossy',
    `${printFormat(format)} cannot hold the entry at [${coordinates.join(', ')}]: ${why}`,
    {
      hint: 'prune with a sparsifier made for this layout, or choose a layout that holds any pattern',
      detail: { coordinates },
    },
  );
}
