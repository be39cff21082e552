// power: each element to a fixed exponent.
import { op, toDense, type Op } from '@lacuna/ir';
import { multiply } from './multiply.js';
import { scale } from './scale.js';

/** Attributes of {@link power}. */
export interface PowerAttrs {
  readonly exponent: number;
}

/**
 * `power(x, { exponent })`, the shape of x; NaN for a negative x where the exponent is no whole number.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { power } from '@lacuna/ops';
 * power.spec.reference([assemble(dense(), [2], [-3, 2])], { exponent: 2 }); // Float64Array [9, 4]
 * ```
 */
export const power: Op<PowerAttrs> = op<PowerAttrs>({
  name: 'power',
  arity: [1, 1],
  defaults: { exponent: 2 },
  infer: ([x]) => x!,
  reference: ([x], { exponent }) => Float64Array.from(toDense(x!), (v) => v ** exponent),
  // By way of exp(p·log x): an error of p·log x is one of the result, times it.
  magnitudes: ([x], { exponent }) =>
    Float64Array.from(toDense(x!), (v) => {
      const y = Math.abs(v ** exponent);
      const size = exponent === 0 ? 0 : Math.abs(exponent * Math.log(Math.abs(v)));
      return y > 0 && y < Infinity ? y * (1 + size) : y;
    }),
  roundings: () => 12,
  pointwise: true,
  gradient: {
    rule({ apply, inputs: [x], dy, number }, { exponent }) {
      if (exponent === 0) return [apply(multiply, [dy, number(0)])];
      const lower =
        exponent === 1
          ? dy
          : apply(multiply, [
              dy,
              exponent === 2 ? x : apply(power, [x], { exponent: exponent - 1 }),
            ]);
      return [apply(scale, [lower], { factor: exponent })];
    },
  },
});
