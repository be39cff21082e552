// sqrt: the square root of each element.
import { op, toDense, type Op } from '@lacuna/ir';
import { divide } from './divide.js';
import { scale } from './scale.js';

/**
 * `sqrt(x)`, the shape of x. Of less than 0 it is NaN.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { sqrt } from '@lacuna/ops';
 * sqrt.spec.reference([assemble(dense(), [1], [9])], {}); // Float64Array [3]
 * ```
 */
export const sqrt: Op = op({
  name: 'sqrt',
  arity: [1, 1],
  defaults: {},
  infer: ([x]) => x!,
  reference: ([x]) => Float64Array.from(toDense(x!), (v) => Math.sqrt(v)),
  roundings: () => 1,
  pointwise: true,
  zeroToZero: true,
  gradient: {
    rule: ({ apply, output, dy }) => [apply(divide, [apply(scale, [dy], { factor: 0.5 }), output])],
  },
});
