// What schedules want at a step: weights whose fraction changes there, together with those that share its budget.
import type { Model } from './model.js';
import type { SparseWeight } from './sparsity.js';

/** A weight that is to be pruned. */
export interface Due {
  readonly name: string;
  readonly about: SparseWeight;
}

/** Weights to prune at a step, rule by rule, and whether a weight that is pruned in each step changes. */
export function dueAt(
  { sparsity }: Model,
  step: number,
): { readonly rules: readonly (readonly Due[])[]; readonly eachStep: boolean } {
  const due = new Map<number, Due[]>();
  let eachStep = false;
  for (const [name, about] of Object.entries(sparsity?.weights ?? {})) {
    const { schedule, rule, place } = about;
    if (!schedule || step === 0) continue;
    const own = schedule.at(step, place) !== schedule.at(step - 1, place);
    if (!own && !(about.across && due.has(rule))) continue;
    if (about.mask === 'each-step') eachStep = true;
    else due.set(rule, [...(due.get(rule) ?? []), { name, about }]);
  }
  return { rules: [...due.values()], eachStep };
}
