// sign: −1, 0 or 1 by the sign of each element; NaN travels.
import { op, toDense, type Op } from '@lacuna/ir';
import { multiply } from './multiply.js';

/**
 * `sign(x)`.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { sign } from '@lacuna/ops';
 * sign.spec.reference([assemble(dense(), [3], [-2, 0, 5])], {}); // Float64Array [-1, 0, 1]
 * ```
 */
export const sign: Op = op({
  name: 'sign',
  arity: [1, 1],
  defaults: {},
  infer: ([x]) => x!,
  reference: ([x]) => Float64Array.from(toDense(x!), (v) => (v === 0 ? 0 : Math.sign(v))),
  roundings: () => 0,
  pointwise: true,
  zeroToZero: true,
  gradient: { rule: ({ apply, dy, number }) => [apply(multiply, [dy, number(0)])] },
});
