// exp: e to the power of each element.
import { op, toDense, type Op } from '@lacuna/ir';
import { multiply } from './multiply.js';

/**
 * `exp(x)`, the shape of x.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { exp } from '@lacuna/ops';
 * exp.spec.reference([assemble(dense(), [1], [0])], {}); // Float64Array [1]
 * ```
 */
export const exp: Op = op({
  name: 'exp',
  arity: [1, 1],
  defaults: {},
  infer: ([x]) => x!,
  reference: ([x]) => Float64Array.from(toDense(x!), (v) => Math.exp(v)),
  roundings: () => 4,
  pointwise: true,
  gradient: {
    rule: ({ apply, output, dy }) => [apply(multiply, [dy, output])],
  },
});
