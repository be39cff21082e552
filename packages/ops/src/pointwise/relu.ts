// relu: max(x, 0), element by element; NaN travels.
import { op, toDense, type Op } from '@lacuna/ir';
import { beforeActivation } from '../products/backward.js';

/**
 * `relu(x)`, the shape of x.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { relu } from '@lacuna/ops';
 * relu.spec.reference([assemble(dense(), [2], [-1, 2])], {}); // Float64Array [0, 2]
 * ```
 */
export const relu: Op = op({
  name: 'relu',
  arity: [1, 1],
  defaults: {},
  infer: ([x]) => x!,
  reference: ([x]) => Float64Array.from(toDense(x!), (v) => Math.max(v, 0)),
  roundings: () => 0,
  pointwise: true,
  zeroToZero: true,
  gradient: { rule: (scope) => [beforeActivation(scope, 'relu')] },
});
