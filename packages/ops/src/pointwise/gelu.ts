// gelu: x · Φ(x), Φ the distribution function of a normal variable (Hendrycks & Gimpel, 2016), and its
// approximation by tanh.
//
//   exact   x/2 · (1 + erf(x/√2))          tanh   x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³)))
import { op, SparseError, toDense, type Op } from '@lacuna/ir';
import { add } from './add.js';
import { erf, errorFunction } from './erf.js';
import { exp } from './exp.js';
import { multiply } from './multiply.js';
import { scale } from './scale.js';
import { subtract } from './subtract.js';
import { tanh } from './tanh.js';

/** Attributes of {@link gelu}. */
export interface GeluAttrs {
  readonly form: 'exact' | 'tanh';
}

const [inner, cubic] = [Math.sqrt(2 / Math.PI), 0.044715];
const forms = {
  exact: (x: number): number => (x / 2) * (1 + errorFunction(x / Math.SQRT2)),
  tanh: (x: number): number => (x / 2) * (1 + Math.tanh(inner * (x + cubic * x * x * x))),
};

/**
 * `gelu(x, { form })`, the shape of x; the form is `'exact'` or `'tanh'`.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { gelu } from '@lacuna/ops';
 * gelu.spec.reference([assemble(dense(), [2], [0, 10])], { form: 'exact' }); // Float64Array [0, 10]
 * ```
 */
export const gelu: Op<GeluAttrs> = op<GeluAttrs>({
  name: 'gelu',
  arity: [1, 1],
  defaults: { form: 'exact' },
  infer([x], { form }) {
    if (!Object.hasOwn(forms, form))
      throw new SparseError('unsupported', `gelu was given the form "${String(form)}"`, {
        hint: "write form: 'exact' or form: 'tanh'",
      });
    return x!;
  },
  reference: ([x], { form }) => Float64Array.from(toDense(x!), forms[form]),
  // The argument of tanh may be off by its own size times some roundings, where tanh is not yet flat.
  roundings: () => 24,
  pointwise: true,
  zeroToZero: true,
  gradient: {
    rule({ apply, inputs: [x], dy, number }, { form }) {
      const square = apply(multiply, [x, x]);
      if (form === 'exact') {
        // Φ(x) + x·φ(x)
        const phi = apply(scale, [apply(exp, [apply(scale, [square], { factor: -0.5 })])], {
          factor: 1 / Math.sqrt(2 * Math.PI),
        });
        const root = apply(erf, [apply(scale, [x], { factor: Math.SQRT1_2 })]);
        const below = apply(scale, [apply(add, [root, number(1)])], { factor: 0.5 });
        return [apply(multiply, [dy, apply(add, [below, apply(multiply, [x, phi])])])];
      }
      // (1 + t)/2 + x/2 · (1 − t²) · √(2/π) · (1 + 3·0.044715·x²)
      const cube = apply(scale, [apply(multiply, [x, square])], { factor: cubic });
      const t = apply(tanh, [apply(scale, [apply(add, [x, cube])], { factor: inner })]);
      const half = apply(scale, [apply(add, [t, number(1)])], { factor: 0.5 });
      const flat = apply(subtract, [number(1), apply(multiply, [t, t])]);
      const slope = apply(add, [apply(scale, [square], { factor: 3 * cubic }), number(1)]);
      const moving = apply(multiply, [apply(multiply, [x, flat]), slope]);
      const rest = apply(scale, [moving], { factor: inner / 2 });
      return [apply(multiply, [dy, apply(add, [half, rest])])];
    },
  },
});
