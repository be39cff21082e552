// logSoftmax: the logarithm of softmax, without the detour by way of numbers that round to 0.
import { op, type Op } from '@lacuna/ir';
import { exp } from '../pointwise/exp.js';
import { multiply } from '../pointwise/multiply.js';
import { axisOf } from '../shapes.js';
import { distances, overLines, type SoftmaxAttrs } from './softmax.js';
import { subtract } from '../pointwise/subtract.js';
import { sum } from './sum.js';

/**
 * `logSoftmax(x, { axis })`, the shape of x.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { logSoftmax } from '@lacuna/ops';
 * logSoftmax.spec.reference([assemble(dense(), [1], [5])], { axis: -1 }); // Float64Array [0]
 * ```
 */
export const logSoftmax: Op<SoftmaxAttrs> = op<SoftmaxAttrs>({
  name: 'logSoftmax',
  arity: [1, 1],
  defaults: { axis: -1 },
  infer([x], { axis }) {
    axisOf('logSoftmax', axis, x!);
    return x!;
  },
  reference: ([x], { axis }) =>
    overLines('logSoftmax', x!, axis, (v, most, total) => v - most - Math.log(total)),
  magnitudes([x], { axis }) {
    const y = logSoftmax.spec.reference([x], { axis });
    return distances(x!, axis).map((far, at) => 1 + far + Math.abs(y[at]!));
  },
  roundings: ([x], { axis }) => x![axisOf('logSoftmax', axis, x!)]! + 12,
  gradient: {
    rule: ({ apply, dy, output }, { axis }) => {
      const total = apply(sum, [dy], { axes: [axis], keepDims: true });
      return [apply(subtract, [dy, apply(multiply, [apply(exp, [output]), total])])];
    },
  },
});
