// A schedule of one's own.
import { checkFraction, checkWhole } from './check.js';
import { refuseBackwards, type Schedule } from './schedule.js';

/**
 * A schedule from a function, checked step by step up to `end`. It prints as its name, by which `parseSchedule` finds
 * it among makers that it is given.
 *
 * @throws SparseError `unsupported` where it goes backwards, naming the step.
 * @example
 * ```ts
 * import { customSchedule, parseSchedule, scheduleMakers } from '@lacuna/sparsifiers';
 * const linear = customSchedule({ name: 'linear', end: 10, at: (step) => step / 20 });
 * linear.at(5); // 0.25
 * parseSchedule('linear', { ...scheduleMakers, linear: () => linear }).print(); // 'linear'
 * customSchedule({ name: 'falling', end: 10, at: (step) => 1 - step / 10 }); // throws unsupported: the schedule falling goes backwards, from 1 to 0.9 at step 1; …
 * ```
 */
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
