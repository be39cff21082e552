// Dense is the layout without structure: every coordinate in row-major order.
//
//   shape [2, 3]     values  a b c d e f      levels (i: dense, j: dense)
import { layout, type Format, type Layout, type Shape } from './layout.js';
import { dimName } from './axis.js';
import { level } from './level.js';

/** Row-major values of every coordinate, for any number of dimensions. */
export const dense: Layout = layout({
  name: 'dense',
  levels: (_, shape: Shape) => shape.map((_extent, dim) => level.dense(dimName(dim))),
});

/** The one format of {@link dense}. */
export const denseFormat: Format = dense();

/** Whether a format stores every coordinate in row-major order. */
export function isDense(format: Format): boolean {
  return format.layout === dense;
}

/** In a kernel's `takes` or `gives`: any layout, which the kernel visits by its flat index. */
export const anyLayout: Layout = layout({
  name: 'any',
  levels: (_, shape: Shape) => shape.map((_extent, dim) => level.dense(dimName(dim))),
});
