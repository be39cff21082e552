// How much is dropped at each step of training, as a value. A schedule never goes backwards: what was dropped
// under it does not come back because of it.
//
//     oneShot    ___|‾‾‾‾      all at once
//     cubic      s₀ + (s₁ − s₀)(1 − (1 − τ)³)     fast first                  (Zhu and Gupta, 2018)
//     cosine     s₀ + (s₁ − s₀)(1 − cos πτ)/2
//     iterative  1 − (1 − s)^(r/R)                the same share of what is left each round
import { printCall, SparseError } from '@lacuna/ir';
import { parseCall, type ParsedParams } from './call.js';
import { checkFraction, checkWhole } from './check.js';

/** The fraction to drop, step by step. */
export interface Schedule {
  /** The fraction at a step; `place` numbers the tensors of a rule, for schedules that treat them in turn. */
  readonly at: (step: number, place?: number) => number;
  /** The step from which nothing changes any more. */
  readonly end: number;
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

function refuseBackwards(name: string, what: string): never {
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

/**
 * A list of [step, fraction] in order: from each step on, that fraction is dropped.
 *
 * @throws SparseError `unsupported` where it goes backwards.
 * @example
 * ```ts
 * import { stepwise } from '@lacuna/sparsifiers';
 * stepwise([[10, 0.5], [20, 0.9]]).at(15); // 0.5
 * stepwise([[10, 0.9], [20, 0.5]]); // throws unsupported: the schedule stepwise goes backwards, …
 * ```
 */
export function stepwise(list: readonly (readonly [step: number, fraction: number])[]): Schedule {
  list.forEach(([step, fraction], k) => {
    checkWhole('stepwise', { step }, 0);
    checkFraction('stepwise', fraction);
    const before = list[k - 1];
    if (before && (step <= before[0] || fraction < before[1]))
      refuseBackwards('stepwise', `from ${before.join(': ')} to ${step}: ${fraction}`);
  });
  const at = (step: number): number => list.findLast(([from]) => from <= step)?.[1] ?? 0;
  const print = (): string => `stepwise(${list.map((pair) => pair.join(': ')).join(', ')})`;
  return Object.freeze({ at, end: list.at(-1)?.[0] ?? 0, print });
}

/** Tensor after tensor: each begins the schedule `delay` steps after the one before. `places` tensors in all. */
export function layerWise(
  schedule: Schedule,
  { delay, places }: { readonly delay: number; readonly places: number },
): Schedule {
  checkWhole('layerWise', { delay, places }, 0);
  return Object.freeze({
    at: (step: number, place = 0) => schedule.at(step - place * delay),
    end: schedule.end + delay * Math.max(0, places - 1),
    print: () => `layerWise(${schedule.print()}, delay=${delay}, places=${places})`,
  });
}

/** A schedule of one's own, checked step by step up to `end`. */
export function customSchedule(options: {
  readonly name: string;
  readonly end: number;
  readonly at: (step: number) => number;
}): Schedule {
  const { name, end, at } = options;
  checkWhole(name, { end }, 0);
  let last = 0;
  for (let step = 0; step <= end; step++) {
    const fraction = at(step);
    checkFraction(name, fraction);
    if (fraction < last) refuseBackwards(name, `from ${last} to ${fraction} at step ${step}`);
    last = fraction;
  }
  return Object.freeze({ at: (step: number) => at(Math.min(step, end)), end, print: () => name });
}

const makers: Readonly<Record<string, (p: ParsedParams) => Schedule>> = {
  cubic: (p) => cubic(riseOf(p)),
  cosine: (p) => cosine(riseOf(p)),
  oneShot: (p) => oneShot({ fraction: p.number('fraction'), at: p.maybe('at') ?? 0 }),
  iterative: (p) =>
    iterative({
      fraction: p.number('fraction'),
      rounds: p.number('rounds'),
      every: p.number('every'),
      begin: p.maybe('begin') ?? 0,
    }),
};

const riseOf = (p: ParsedParams): RiseOptions => ({
  to: p.number('to'),
  from: p.maybe('from') ?? 0,
  begin: p.maybe('begin') ?? 0,
  end: p.number('end'),
  every: p.maybe('every') ?? 1,
});

/**
 * Reads a schedule as it prints.
 *
 * @throws SparseError `format` where it cannot be read; `unsupported` where it goes backwards.
 * @example
 * ```ts
 * import { parseSchedule } from '@lacuna/sparsifiers';
 * parseSchedule('cubic(to=0.9, end=1000, every=100)').at(1000); // 0.9
 * parseSchedule('cubic(from=0.9, to=0.5, end=10)'); // throws unsupported: the schedule cubic goes backwards, from 0.9 to 0.5; …
 * ```
 */
export function parseSchedule(text: string): Schedule {
  return parseCall('schedule', text, makers, (made) => made.print());
}
