// mean: the average over some of the dimensions.
import { op, sizeOf, stridesOf, toDense, type Op, type Shape } from '@lacuna/ir';
import { broadcast } from '../pointwise/broadcastto.js';
import { reshape } from '../moves/reshape.js';
import { scale } from '../pointwise/scale.js';
import { reducedDims, type Axes } from './reduce.js';

/** Attributes of {@link mean}. */
export interface MeanAttrs {
  /** The dimensions to average over; −1 is the last. Default all. */
  readonly axes: Axes;
  /** Keeps those dimensions, with an extent of 1. */
  readonly keepDims: boolean;
}

const reduced = (shape: Shape, axes: Axes): ReadonlySet<number> => reducedDims('mean', shape, axes);

/**
 * `mean(x, { axes, keepDims })`; `mean(x)` is one number. Over no elements it is NaN, as in NumPy.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { mean } from '@lacuna/ops';
 * mean.spec.reference([assemble(dense(), [2, 2], [1, 3, 5, 7])], { axes: [1], keepDims: false }); // Float64Array [2, 6]
 * ```
 */
export const mean: Op<MeanAttrs> = op<MeanAttrs>({
  name: 'mean',
  arity: [1, 1],
  defaults: { axes: 'all', keepDims: false },
  infer([x], { axes, keepDims }) {
    const over = reduced(x!, axes);
    return keepDims
      ? x!.map((extent, dim) => (over.has(dim) ? 1 : extent))
      : x!.filter((_, dim) => !over.has(dim));
  },
  reference([x], { axes }) {
    const { shape } = x!;
    const over = reduced(shape, axes);
    const kept = shape.map((extent, dim) => (over.has(dim) ? 1 : extent));
    const [from, to] = [stridesOf(shape), stridesOf(kept)];
    const sums = new Float64Array(sizeOf(kept));
    toDense(x!).forEach((v, at) => {
      let flat = 0;
      for (let dim = 0; dim < shape.length; dim++)
        if (!over.has(dim)) flat += (Math.floor(at / from[dim]!) % shape[dim]!) * to[dim]!;
      sums[flat]! += v;
    });
    const count = [...over].reduce((n, dim) => n * shape[dim]!, 1);
    return sums.map((sum) => sum / count);
  },
  // A kernel may multiply by the rounded reciprocal of the count: two roundings beside the sum's.
  roundings: ([x], { axes }) => [...reduced(x!, axes)].reduce((n, dim) => n * x![dim]!, 1) + 2,
  gradient: {
    rule: ({ apply, dy, inputs, shapeOf }, { axes }) => {
      const shape = shapeOf(inputs[0]!);
      const over = reduced(shape, axes);
      const kept = shape.map((extent, dim) => (over.has(dim) ? 1 : extent));
      const each = apply(scale, [dy], { factor: sizeOf(kept) / sizeOf(shape) });
      return [apply(broadcast, [apply(reshape, [each], { shape: kept })], { shape: [...shape] })];
    },
  },
});
