// absolute: the size of each element, without its sign.
import { op, toDense, type Op } from '@lacuna/ir';
import { multiply } from './multiply.js';
import { sign } from './sign.js';

/**
 * `absolute(x)`, the shape of x.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { absolute } from '@lacuna/ops';
 * absolute.spec.reference([assemble(dense(), [2], [-2, 3])], {}); // Float64Array [2, 3]
 * ```
 */
export const absolute: Op = op({
  name: 'absolute',
  arity: [1, 1],
  defaults: {},
  infer: ([x]) => x!,
  reference: ([x]) => Float64Array.from(toDense(x!), (v) => Math.abs(v)),
  roundings: () => 0,
  pointwise: true,
  zeroToZero: true,
  gradient: {
    rule: ({ apply, inputs, dy }) => [apply(multiply, [dy, apply(sign, [inputs[0]])])],
  },
});
