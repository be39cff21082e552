// Learning rates as values: a number for each step of so many.
import { printCall, SparseError } from '@lacuna/ir';

/** The learning rate at each step. */
export interface Rate {
  readonly at: (step: number, steps: number) => number;
  readonly print: () => string;
}

function check(name: string, params: Readonly<Record<string, number>>): () => string {
  for (const [param, value] of Object.entries(params))
    if (!(value >= 0 && value < Infinity))
      throw new SparseError('unsupported', `${name} was given ${param} = ${value}`, {
        hint: 'write a number, 0 or more',
      });
  return () => printCall(name, params);
}

/** The same at every step. */
export function constantRate(rate: number): Rate {
  return Object.freeze({ at: () => rate, print: check('constantRate', { rate }) });
}

/**
 * Falls along half a cosine, from `rate` at the first step to `to` (0 by default) at the last.
 *
 * @example
 * ```ts
 * import { cosineRate, warmUp } from '@lacuna/train';
 * const rate = warmUp(10, cosineRate(0.1));
 * [0, 4, 9, 55, 100].map((step) => rate.at(step, 100).toFixed(3)); // [ '0.010', '0.050', '0.100', '0.050', '0.000' ]
 * ```
 */
export function cosineRate(rate: number, { to = 0 }: { readonly to?: number } = {}): Rate {
  const at = (step: number, steps: number): number =>
    to + ((rate - to) * (1 + Math.cos(Math.PI * Math.min(1, step / Math.max(1, steps))))) / 2;
  return Object.freeze({ at, print: check('cosineRate', { rate, to }) });
}

/** Multiplied by `factor` every `every` steps. */
export function stepRate(
  rate: number,
  { factor, every }: { readonly factor: number; readonly every: number },
): Rate {
  const print = check('stepRate', { rate, factor, every });
  return Object.freeze({ at: (step: number) => rate * factor ** Math.floor(step / every), print });
}

/** Rises evenly over the first `begin` steps to another rate, whose first step comes after them. */
export function warmUp(begin: number, after: Rate): Rate {
  check('warmUp', { begin });
  const at = (step: number, steps: number): number =>
    step < begin
      ? (after.at(0, steps - begin) * (step + 1)) / begin
      : after.at(step - begin, steps - begin);
  return Object.freeze({ at, print: () => `warmUp(${begin}, ${after.print()})` });
}
