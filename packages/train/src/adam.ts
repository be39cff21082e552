// Adam:  m = β₁m + (1 − β₁)g   v = β₂v + (1 − β₂)g²   w = w − η·c₁·m / (√(c₂·v) + ε)
// with c₁ = 1/(1 − β₁ᵗ), c₂ = 1/(1 − β₂ᵗ) (Kingma and Ba, 2015); AdamW takes ηλw off as well, apart from the
// moments (Loshchilov and Hutter, 2019), and only where something is stored.
import { printCall } from '@lacuna/ir';
import { add, divide, multiply, scale, sqrt, subtract } from '@lacuna/ops';
import { onStored, type Optimiser } from './optimiser.js';

/** What {@link adam} and {@link adamW} are told. */
export interface AdamOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** λ; 0 for Adam, where it joins the gradient, and 0.01 for AdamW by default. */
  readonly decay?: number;
}

/** Adam; weight decay, where it is given, joins the gradient. */
export const adam = (options: AdamOptions = {}): Optimiser => make('adam', options, false);

/**
 * Adam with decoupled weight decay.
 *
 * @example
 * ```ts
 * import { adamW } from '@lacuna/train';
 * adamW({ decay: 0.1 }).print(); // 'adamW(decay=0.1)'
 * ```
 */
export const adamW = (options: AdamOptions = {}): Optimiser =>
  make('adamW', { decay: 0.01, ...options }, true);

function make(name: string, options: AdamOptions, decoupled: boolean): Optimiser {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay = 0 } = options;
  return Object.freeze<Optimiser>({
    moments: ['mean', 'square'],
    numbers: (step) => ({
      first: 1 / (1 - beta1 ** (step + 1)),
      second: 1 / (1 - beta2 ** (step + 1)),
      epsilon,
    }),
    print: () => printCall(name, { ...options }),
    update({ parameter: w, gradient, moments, rate, numbers }) {
      const on = onStored(w);
      const decayed = decay > 0 ? on(scale, [w], { factor: decay }) : undefined;
      const g = decayed && !decoupled ? on(add, [gradient, decayed]) : gradient;
      const mean = on(add, [
        on(scale, [moments['mean']!], { factor: beta1 }),
        on(scale, [g], { factor: 1 - beta1 }),
      ]);
      const square = on(add, [
        on(scale, [moments['square']!], { factor: beta2 }),
        on(scale, [on(multiply, [g, g])], { factor: 1 - beta2 }),
      ]);
      const root = on(sqrt, [on(multiply, [square, numbers['second']!])]);
      const slope = on(divide, [
        on(multiply, [mean, numbers['first']!]),
        on(add, [root, numbers['epsilon']!]),
      ]);
      const step = decayed && decoupled ? on(add, [slope, decayed]) : slope;
      return {
        parameter: on(subtract, [w, on(multiply, [step, rate])]),
        moments: { mean, square },
      };
    },
  });
}
