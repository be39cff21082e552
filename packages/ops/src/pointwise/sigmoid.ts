// sigmoid: 1 / (1 + e^−x), element by element.
import { op, toDense, type Op } from '@lacuna/ir';
import { multiply } from './multiply.js';
import { subtract } from './subtract.js';

/**
 * `sigmoid(x)`, the shape of x.
 *
 * Kernels may be off by eight roundings of sigmoid(|x|), which is at least ½: an exponential that is
 * good to four units and three more operations. Far left of zero that is no relative bound.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { sigmoid } from '@lacuna/ops';
 * sigmoid.spec.reference([assemble(dense(), [1], [0])], {}); // Float64Array [0.5]
 * ```
 */
export const sigmoid: Op = op({
  name: 'sigmoid',
  arity: [1, 1],
  defaults: {},
  infer: ([x]) => x!,
  reference: ([x]) => Float64Array.from(toDense(x!), (v) => 1 / (1 + Math.exp(-v))),
  roundings: () => 8,
  pointwise: true,
  gradient: {
    rule: ({ apply, output, dy, number }) => {
      const slope = apply(multiply, [output, apply(subtract, [number(1), output])]);
      return [apply(multiply, [dy, slope])];
    },
  },
});
