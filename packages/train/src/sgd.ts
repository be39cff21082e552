// Stochastic gradient descent:  d = g + λw   v = μv + d   w = w − ηv      (with Nesterov: w − η(d + μv))
import { printCall } from '@lacuna/ir';
import { add, multiply, scale, subtract } from '@lacuna/ops';
import { onStored, type Optimiser } from './optimiser.js';

/** What {@link sgd} is told. */
export interface SgdOptions {
  /** μ; 0 by default. */
  readonly momentum?: number;
  /** λ; 0 by default. */
  readonly decay?: number;
  readonly nesterov?: boolean;
}

/**
 * Gradient descent, with momentum and weight decay where they are given.
 *
 * @example
 * ```ts
 * import { sgd } from '@lacuna/train';
 * sgd({ momentum: 0.9 }).print(); // 'sgd(momentum=0.9)'
 * ```
 */
export function sgd({ momentum = 0, decay = 0, nesterov = false }: SgdOptions = {}): Optimiser {
  const params = {
    ...(momentum && { momentum }),
    ...(decay && { decay }),
    ...(nesterov && { nesterov: 'true' }),
  };
  return Object.freeze<Optimiser>({
    moments: momentum ? ['momentum'] : [],
    numbers: () => ({}),
    print: () => printCall('sgd', params),
    update({ parameter: w, gradient, moments, rate }) {
      const on = onStored(w);
      const d = decay ? on(add, [gradient, on(scale, [w], { factor: decay })]) : gradient;
      const before = moments['momentum'];
      const v = before ? on(add, [on(scale, [before], { factor: momentum }), d]) : d;
      const step = nesterov ? on(add, [d, on(scale, [v], { factor: momentum })]) : v;
      return {
        parameter: on(subtract, [w, on(multiply, [step, rate])]),
        moments: before ? { momentum: v } : {},
      };
    },
  });
}
