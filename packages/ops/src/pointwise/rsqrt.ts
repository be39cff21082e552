// rsqrt: one over the square root of each element.
import { op, toDense, type Op } from '@lacuna/ir';
import { multiply } from './multiply.js';
import { scale } from './scale.js';

/**
 * `rsqrt(x)`, the shape of x.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { rsqrt } from '@lacuna/ops';
 * rsqrt.spec.reference([assemble(dense(), [1], [4])], {}); // Float64Array [0.5]
 * ```
 */
export const rsqrt: Op = op({
  name: 'rsqrt',
  arity: [1, 1],
  defaults: {},
  infer: ([x]) => x!,
  reference: ([x]) => Float64Array.from(toDense(x!), (v) => 1 / Math.sqrt(v)),
  roundings: () => 3,
  pointwise: true,
  gradient: {
    rule: ({ apply, output, dy }) => {
      const cube = apply(multiply, [output, apply(multiply, [output, output])]);
      return [apply(multiply, [apply(scale, [dy], { factor: -0.5 }), cube])];
    },
  },
});
