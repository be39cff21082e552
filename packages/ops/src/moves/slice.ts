// slice: a box cut out of a tensor.
import { op, stridesOf, toDense, type Op } from '@lacuna/ir';
import { pad } from './pad.js';
import { refuse, show } from '../shapes.js';
import { strided } from './strided.js';

/** Attributes of {@link slice}. */
export interface SliceAttrs {
  /** The first coordinate along each dimension. */
  readonly begin: readonly number[];
  /** The extent along each dimension; −1 is whatever is left. */
  readonly size: readonly number[];
}

/**
 * `slice(x, { begin, size })`.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { slice } from '@lacuna/ops';
 * slice.spec.reference([assemble(dense(), [4], [1, 2, 3, 4])], { begin: [1], size: [2] }); // Float64Array [2, 3]
 * ```
 */
export const slice: Op<SliceAttrs> = op<SliceAttrs>({
  name: 'slice',
  arity: [1, 1],
  defaults: { begin: [], size: [] },
  infer([x], { begin, size }) {
    const shape = size.map((n, dim) => (n === -1 ? x![dim]! - begin[dim]! : n));
    const fits =
      begin.length === x!.length &&
      size.length === x!.length &&
      x!.every(
        (extent, dim) =>
          Number.isSafeInteger(begin[dim]) &&
          Number.isSafeInteger(shape[dim]) &&
          begin[dim]! >= 0 &&
          shape[dim]! >= 0 &&
          begin[dim]! + shape[dim]! <= extent,
      );
    if (!fits)
      refuse(
        'slice',
        `x ${show(x!)}, begin ${show(begin)} and size ${show(size)}`,
        'write a begin and a size for each dimension, within its extent',
      );
    return shape;
  },
  reference([x], { begin, size }) {
    const strides = stridesOf(x!.shape);
    const start = begin.reduce((sum, c, dim) => sum + c * strides[dim]!, 0);
    const shape = slice.spec.infer([x!.shape], { begin, size });
    return strided(toDense(x!).subarray(start), shape, strides);
  },
  roundings: () => 0,
  view: ([x], { begin, size }) =>
    begin.every((c, dim) => c === 0 && (size[dim] === -1 || size[dim] === x![dim])),
  gradient: {
    rule: ({ apply, dy, inputs, shapeOf }, { begin }) => {
      const shape = shapeOf(dy);
      const padding = shapeOf(inputs[0]!).map(
        (extent, dim) => [begin[dim]!, extent - begin[dim]! - shape[dim]!] as const,
      );
      return [apply(pad, [dy], { padding, value: 0 })];
    },
  },
});
