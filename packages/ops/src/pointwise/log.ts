// log: the natural logarithm of each element.
import { op, toDense, type Op } from '@lacuna/ir';
import { divide } from './divide.js';

/**
 * `log(x)`, the shape of x. Of 0 it is -Infinity, of less NaN.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { log } from '@lacuna/ops';
 * log.spec.reference([assemble(dense(), [1], [1])], {}); // Float64Array [0]
 * ```
 */
export const log: Op = op({
  name: 'log',
  arity: [1, 1],
  defaults: {},
  infer: ([x]) => x!,
  reference: ([x]) => Float64Array.from(toDense(x!), (v) => Math.log(v)),
  roundings: () => 4,
  pointwise: true,
  gradient: {
    rule: ({ apply, inputs, dy }) => [apply(divide, [dy, inputs[0]])],
  },
});
