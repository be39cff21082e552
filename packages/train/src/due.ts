// What schedules want at a step: weights whose fraction changes there, together with those that share its budget.
import { changesAt } from '@lacuna/sparsifiers';
import type { Model } from './model.js';
import { isFixed, type SparseWeight } from './sparsity.js';
import type { Said } from './words.js';

/** A weight that is to be pruned. */
export interface Due {
  readonly name: string;
  readonly about: SparseWeight;
}

/** Weights to prune at a step, rule by rule, and whether what plans prune in every run changes: `plans`. */
export function dueAt(
  { sparsity }: Model,
  step: number,
): { readonly rules: readonly (readonly Due[])[]; readonly plans: boolean } {
  const due = new Map<number, Due[]>();
  let plans = false;
  for (const [name, about] of Object.entries(sparsity?.weights ?? {})) {
    const { schedule, rule, place } = about;
    if (!schedule || step === 0) continue;
    if (!changes(about, step, place) && !(about.across && due.has(rule))) continue;
    if (isFixed(about)) due.set(rule, [...(due.get(rule) ?? []), { name, about }]);
    else plans = true;
  }
  for (const value of [...(sparsity?.values ?? []), ...(sparsity?.gradients ?? [])])
    for (let place = 0; place < (value.caught?.length ?? 1); place++)
      plans ||= changes(value, step, place);
  return { rules: [...due.values()], plans };
}

const changes = ({ emit, schedule }: Said, step: number, place: number): boolean =>
  schedule !== undefined && changesAt((emit.external ?? emit.inline)!, schedule, step, place);
