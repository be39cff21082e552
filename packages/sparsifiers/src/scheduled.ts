// A sparsifier under a schedule.
import { SparseError, type Sparsifier } from '@lacuna/ir';
import type { Schedule } from './schedule.js';

/**
 * A sparsifier as a schedule wants it at a step; `place` numbers the tensors of a rule.
 *
 * @throws SparseError `unsupported` where it has nothing that the schedule sets.
 * @example
 * ```ts
 * import { cubic, magnitude, scheduled } from '@lacuna/sparsifiers';
 * scheduled(magnitude({ fraction: 0 }), cubic({ to: 0.9, end: 100 }), 100).print(); // 'magnitude(fraction=0.9)'
 * ```
 */
export function scheduled(
  how: Sparsifier,
  schedule: Schedule,
  step: number,
  place?: number,
): Sparsifier {
  if (schedule.sparsifierAt) return schedule.sparsifierAt(how, step, place);
  if (how.at) return how.at(schedule.at(step, place));
  throw new SparseError(
    'unsupported',
    `${how.print()} has no fraction for ${schedule.print()} to set`,
    { hint: 'write a sparsifier with a fraction, such as magnitude(fraction=0)' },
  );
}

/** Whether a schedule changes a sparsifier at a step. */
export function changesAt(
  how: Sparsifier,
  schedule: Schedule,
  step: number,
  place?: number,
): boolean {
  if (step === 0) return false;
  if (!schedule.sparsifierAt) return schedule.at(step, place) !== schedule.at(step - 1, place);
  const [before, now] = [step - 1, step].map((s) => scheduled(how, schedule, s, place).print());
  return before !== now;
}
