// silu: x · sigmoid(x), also called swish.
import { op, toDense, type Op } from '@lacuna/ir';
import { add } from './add.js';
import { multiply } from './multiply.js';
import { sigmoid } from './sigmoid.js';
import { subtract } from './subtract.js';

/**
 * `silu(x)`, the shape of x.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { silu } from '@lacuna/ops';
 * silu.spec.reference([assemble(dense(), [1], [0])], {}); // Float64Array [0]
 * ```
 */
export const silu: Op = op({
  name: 'silu',
  arity: [1, 1],
  defaults: {},
  infer: ([x]) => x!,
  reference: ([x]) => Float64Array.from(toDense(x!), (v) => v * (1 / (1 + Math.exp(-v)))),
  roundings: () => 12,
  pointwise: true,
  zeroToZero: true,
  gradient: {
    rule: ({ apply, inputs, output, dy, number }) => {
      // s + y·(1 − s), s the sigmoid.
      const s = apply(sigmoid, [inputs[0]]);
      const rest = apply(multiply, [output, apply(subtract, [number(1), s])]);
      return [apply(multiply, [dy, apply(add, [s, rest])])];
    },
  },
});
