// softmax: e^x over the sum of e^x along an axis, the largest taken off first so that nothing overflows.
import { op, toDense, type Op, type Tensor } from '@lacuna/ir';
import { eachLine, linesOf } from './lines.js';
import { multiply } from '../pointwise/multiply.js';
import { subtract } from '../pointwise/subtract.js';
import { axisOf } from '../shapes.js';
import { sum } from './sum.js';

/** Attributes of {@link softmax} and {@link logSoftmax}. */
export interface SoftmaxAttrs {
  /** The dimension that sums to 1; −1 is the last. */
  readonly axis: number;
}

/** Softmax in place: the largest and the sum of each line are given to `finish`. */
export function overLines(
  op: string,
  x: Tensor,
  axis: number,
  finish: (v: number, most: number, total: number) => number,
): Float64Array {
  const lines = linesOf(op, x.shape, axis);
  const out = Float64Array.from(toDense(x));
  eachLine(lines, (start) => {
    let [most, total] = [-Infinity, 0];
    for (let e = 0; e < lines.extent; e++) most = Math.max(most, out[start + e * lines.inner]!);
    for (let e = 0; e < lines.extent; e++) total += Math.exp(out[start + e * lines.inner]! - most);
    for (let e = 0; e < lines.extent; e++) {
      const at = start + e * lines.inner;
      out[at] = finish(out[at]!, most, total);
    }
  });
  return out;
}

/**
 * `softmax(x, { axis })`, the shape of x.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { softmax } from '@lacuna/ops';
 * softmax.spec.reference([assemble(dense(), [2], [5, 5])], { axis: -1 }); // Float64Array [0.5, 0.5]
 * ```
 */
export const softmax: Op<SoftmaxAttrs> = op<SoftmaxAttrs>({
  name: 'softmax',
  arity: [1, 1],
  defaults: { axis: -1 },
  infer([x], { axis }) {
    axisOf('softmax', axis, x!);
    return x!;
  },
  reference: ([x], { axis }) =>
    overLines('softmax', x!, axis, (v, most, total) => Math.exp(v - most) / total),
  // x − max is rounded, and what it is off by multiplies the result; so does the error of the sum.
  magnitudes([x], { axis }) {
    const far = distances(x!, axis);
    return softmax.spec.reference([x], { axis }).map((y, at) => y * (1 + far[at]!));
  },
  roundings: ([x], { axis }) => x![axisOf('softmax', axis, x!)]! + 12,
  gradient: {
    rule: ({ apply, dy, output }, { axis }) => {
      const weighted = apply(multiply, [dy, output]);
      const total = apply(sum, [weighted], { axes: [axis], keepDims: true });
      return [apply(multiply, [output, apply(subtract, [dy, total])])];
    },
  },
});

/** |x − max| of each element, and the mean of it under the softmax of its line. */
export function distances(x: Tensor, axis: number): Float64Array {
  const lines = linesOf('softmax', x.shape, axis);
  const shares = overLines('softmax', x, axis, (v, most, total) => Math.exp(v - most) / total);
  const far = overLines('softmax', x, axis, (v, most) =>
    Number.isFinite(most - v) ? most - v : 0,
  );
  eachLine(lines, (start) => {
    let mean = 0;
    for (let e = 0; e < lines.extent; e++) {
      const at = start + e * lines.inner;
      mean += (shares[at]! || 0) * far[at]!;
    }
    for (let e = 0; e < lines.extent; e++) far[start + e * lines.inner]! += mean;
  });
  return far;
}
