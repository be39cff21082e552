// erf: the error function, 2/√π · ∫₀ˣ e^−t² dt.
import { op, toDense, type Op } from '@lacuna/ir';
import { exp } from './exp.js';
import { multiply } from './multiply.js';
import { scale } from './scale.js';

const twoOverRootPi = 2 / Math.sqrt(Math.PI);

/** erf(x) = 2/√π · e^−x² · Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!!, whose terms have one sign (Abramowitz & Stegun, 7.1.6). */
export function errorFunction(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 2 ** -56; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return twoOverRootPi * Math.exp(-x * x) * sum;
}

/**
 * `erf(x)`, the shape of x.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { erf } from '@lacuna/ops';
 * erf.spec.reference([assemble(dense(), [1], [0])], {}); // Float64Array [0]
 * ```
 */
export const erf: Op = op({
  name: 'erf',
  arity: [1, 1],
  defaults: {},
  infer: ([x]) => x!,
  reference: ([x]) => Float64Array.from(toDense(x!), errorFunction),
  roundings: () => 8,
  pointwise: true,
  zeroToZero: true,
  gradient: {
    rule: ({ apply, inputs: [x], dy }) => {
      const bell = apply(exp, [apply(scale, [apply(multiply, [x, x])], { factor: -1 })]);
      return [apply(multiply, [dy, apply(scale, [bell], { factor: twoOverRootPi })])];
    },
  },
});
