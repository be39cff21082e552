// sum: the total over some of the dimensions.
import { op, type Op } from '@lacuna/ir';
import { broadcast } from '../pointwise/broadcastto.js';
import { keptShape, reducedShape, sumOver, type Axes } from './reduce.js';
import { reshape } from '../moves/reshape.js';

/** Attributes of {@link sum}. */
export interface SumAttrs {
  /** The dimensions to sum over; −1 is the last. Default all. */
  readonly axes: Axes;
  /** Keeps those dimensions, with an extent of 1. */
  readonly keepDims: boolean;
}

/**
 * `sum(x, { axes, keepDims })`; `sum(x)` is one number, and over no axes, `[]`, x itself.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { sum } from '@lacuna/ops';
 * const x = assemble(dense(), [2, 2], [1, 2, 3, 4]);
 * sum.spec.reference([x], { axes: [1], keepDims: false }); // Float64Array [3, 7]
 * sum.spec.reference([x], sum.spec.defaults); // Float64Array [10]
 * ```
 */
export const sum: Op<SumAttrs> = op<SumAttrs>({
  name: 'sum',
  arity: [1, 1],
  defaults: { axes: 'all', keepDims: false },
  infer: ([x], { axes, keepDims }) => reducedShape('sum', x!, axes, keepDims),
  reference: ([x], { axes }) => sumOver('sum', x!, axes),
  roundings: ([x], { axes }) => {
    const kept = keptShape('sum', x!, axes);
    return x!.reduce((n, extent, dim) => (kept[dim] === extent ? n : n * extent), 1);
  },
  gradient: {
    rule: ({ apply, dy, inputs, shapeOf }, { axes }) => {
      const shape = shapeOf(inputs[0]!);
      const kept = apply(reshape, [dy], { shape: keptShape('sum', shape, axes) });
      return [apply(broadcast, [kept], { shape: [...shape] })];
    },
  },
});
