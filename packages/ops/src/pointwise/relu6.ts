// relu6: min(max(x, 0), 6), element by element; NaN travels.
import { op, toDense, type Op } from '@lacuna/ir';
import { beforeActivation } from '../products/backward.js';

/**
 * `relu6(x)`, the shape of x.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { relu6 } from '@lacuna/ops';
 * relu6.spec.reference([assemble(dense(), [2], [-1, 7])], {}); // Float64Array [0, 6]
 * ```
 */
export const relu6: Op = op({
  name: 'relu6',
  arity: [1, 1],
  defaults: {},
  infer: ([x]) => x!,
  reference: ([x]) => Float64Array.from(toDense(x!), (v) => Math.min(Math.max(v, 0), 6)),
  roundings: () => 0,
  pointwise: true,
  zeroToZero: true,
  gradient: { rule: (scope) => [beforeActivation(scope, 'relu6')] },
});
