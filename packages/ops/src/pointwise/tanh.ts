// tanh: the hyperbolic tangent, from −1 to 1.
import { op, toDense, type Op } from '@lacuna/ir';
import { multiply } from './multiply.js';
import { subtract } from './subtract.js';

/**
 * `tanh(x)`, the shape of x.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { tanh } from '@lacuna/ops';
 * tanh.spec.reference([assemble(dense(), [1], [0])], {}); // Float64Array [0]
 * ```
 */
export const tanh: Op = op({
  name: 'tanh',
  arity: [1, 1],
  defaults: {},
  infer: ([x]) => x!,
  reference: ([x]) => Float64Array.from(toDense(x!), (v) => Math.tanh(v)),
  roundings: () => 8,
  pointwise: true,
  zeroToZero: true,
  gradient: {
    rule: ({ apply, output, dy, number }) => {
      const slope = apply(subtract, [number(1), apply(multiply, [output, output])]);
      return [apply(multiply, [dy, slope])];
    },
  },
});
