// How much is dropped at each step of training, as a value. A schedule never goes backwards: what was dropped
// under it does not come back because of it.
//
//     oneShot    ___|‾‾‾‾      all at once
//     cubic      s₀ + (s₁ − s₀)(1 − (1 − τ)³)     fast first                  (Zhu and Gupta, 2018)
//     cosine     s₀ + (s₁ − s₀)(1 − cos πτ)/2
//     iterative  1 − (1 − s)^(r/R)                the same share of what is left each round
import { printCall, SparseError, type Sparsifier } from '@lacuna/ir';
import { checkFraction, checkWhole } from './check.js';

/** The fraction to drop, step by step. */
export interface Schedule {
  /** The fraction at a step; `place` numbers the tensors of a rule, for schedules that treat them in turn. */
  readonly at: (step: number, place?: number) => number;
  /** The step from which nothing changes any more. */
  readonly end: number;
  /** The sparsifier of a step, where another fraction is not all that changes; absent: `how.at(at(step))`. */
  readonly sparsifierAt?: (how: Sparsifier, step: number, place?: number) => Sparsifier;
  /** `cubic(to=0.9, end=1000, every=100)` */
  readonly print: () => string;
}

/** What a schedule that rises from one fraction to another is told. */
export interface RiseOptions {
  /** The fraction at the end. */
  readonly to: number;
  /** The fraction at first; 0 by default. */
  readonly from?: number;
  /** The step at which it begins to rise; 0 by default. */
  readonly begin?: number;
  /** The step at which it is at `to`. */
  readonly end: number;
  /** Steps between changes; 1 by default. */
  readonly every?: number;
}

function rise(name: string, options: RiseOptions, curve: (t: number) => number): Schedule {
  const { to, from = 0, begin = 0, end, every = 1 } = options;
  for (const fraction of [from, to]) checkFraction(name, fraction);
  checkWhole(name, { begin, end }, 0);
  checkWhole(name, { every }, 1);
  if (to < from || end < begin)
    refuseBackwards(
      name,
      to < from ? `from ${from} to ${to}` : `from step ${begin} to step ${end}`,
    );
  const at = (step: number): number => {
    if (step < begin) return from;
    if (step >= end) return to;
    const whole = begin + Math.floor((step - begin) / every) * every;
    return from + (to - from) * curve((whole - begin) / (end - begin));
  };
  const params = {
    to,
    ...(from && { from }),
    ...(begin && { begin }),
    end,
    ...(every !== 1 && { every }),
  };
  return Object.freeze({ at, end, print: () => printCall(name, params) });
}

/** The error of a schedule that lets go of what it has dropped. */
export function refuseBackwards(name: string, what: string): never {
  throw new SparseError('unsupported', `the schedule ${name} goes backwards, ${what}`, {
    hint: 'write fractions and steps that do not fall; let weights return by prune-and-grow instead',
  });
}

/**
 * Fast at first, then slower: s₀ + (s₁ − s₀)(1 − (1 − τ)³).
 *
 * @throws SparseError `unsupported` where it goes backwards.
 * @example
 * ```ts
 * import { cubic } from '@lacuna/sparsifiers';
 * const schedule = cubic({ to: 0.9, end: 100, every: 25 });
 * [0, 25, 60, 100].map((step) => schedule.at(step).toFixed(4)); // [ '0.0000', '0.5203', '0.7875', '0.9000' ]
 * ```
 */
export const cubic = (options: RiseOptions): Schedule =>
  rise('cubic', options, (t) => 1 - (1 - t) ** 3);

/** Slow at both ends: s₀ + (s₁ − s₀)(1 − cos πτ)/2. */
export const cosine = (options: RiseOptions): Schedule =>
  rise('cosine', options, (t) => (1 - Math.cos(Math.PI * t)) / 2);

/** Everything at once, at step `at`. */
export const oneShot = ({
  fraction,
  at = 0,
}: {
  readonly fraction: number;
  readonly at?: number;
}): Schedule => {
  const { at: of, end } = rise('oneShot', { to: fraction, begin: at, end: at }, () => 1);
  return Object.freeze({ at: of, end, print: () => printCall('oneShot', { fraction, at }) });
};

/** In `rounds` rounds, `every` steps apart, each of which drops the same share of what is left: 1 − (1 − s)^(r/R). */
export function iterative(options: {
  readonly fraction: number;
  readonly rounds: number;
  readonly every: number;
  /** The step of the first round; 0 by default. */
  readonly begin?: number;
}): Schedule {
  const { fraction, rounds, every, begin = 0 } = options;
  checkFraction('iterative', fraction);
  checkWhole('iterative', { rounds, every }, 1);
  checkWhole('iterative', { begin }, 0);
  const end = begin + (rounds - 1) * every;
  const at = (step: number): number => {
    const round = Math.min(rounds, step < begin ? 0 : 1 + Math.floor((step - begin) / every));
    return round === rounds ? fraction : 1 - (1 - fraction) ** (round / rounds);
  };
  return Object.freeze({ at, end, print: () => printCall('iterative', { ...options }) });
}
