// One run: train on the digits, pack, test.
import type { Engine } from '@lacuna/engine';
import { countOf, sizeOf } from '@lacuna/ir';
import { crossEntropy } from '@lacuna/ops';
import {
  evaluate,
  packed,
  pruneAndGrow,
  sparsifyModel,
  takeSteps,
  Trainer,
  watchMasks,
  type Data,
} from '@lacuna/train';
import type { DigitsRun } from './runs.js';

/** What came of a run. */
export interface DigitsResult {
  /** Share of test digits that were told. */
  readonly accuracy: number;
  /** Numbers of sparse weights that are not dropped, over all of theirs. */
  readonly density: number;
  /** Milliseconds a step. */
  readonly ms: number;
  /** Places of masks that changed, over all steps, where they were watched. */
  readonly changes?: number;
}

/** Trains for some epochs, with batches of 64. */
export async function runDigits(
  engine: Engine,
  { model: make, rules, optimiser, rate, grow, watch }: DigitsRun,
  {
    seed,
    epochs,
    data,
  }: {
    readonly seed: number;
    readonly epochs: number;
    readonly data: { readonly train: Data; readonly test: Data };
  },
): Promise<DigitsResult> {
  const model = sparsifyModel(make(seed), rules(seed));
  const trainer = new Trainer({ engine, model, loss: crossEntropy, optimiser, seed });
  const names = Object.keys(model.sparsity.weights);
  const seen = watch && watchMasks(trainer, names, watch);
  const before = grow ? pruneAndGrow(trainer, { names, ...grow }) : seen?.look;
  const start = performance.now();
  const { step } = await takeSteps(trainer, {
    data: data.train,
    epochs,
    batch: 64,
    rate,
    seed,
    ...(before && { before }),
  });
  const ms = (performance.now() - start) / step;
  const after = packed(await trainer.model());
  trainer.dispose();
  const kept = names.map((name) => {
    const weight = after.parameters[name]!;
    const mask = after.sparsity.masks[name];
    return mask ? mask.values.filter((m) => m !== 0).length : countOf(weight.pattern);
  });
  const all = names.reduce((sum, name) => sum + sizeOf(after.parameters[name]!.shape), 0);
  return {
    accuracy: await evaluate(engine, after, data.test),
    density: names.length === 0 ? 1 : kept.reduce((a, b) => a + b, 0) / all,
    ms,
    ...(seen && { changes: Object.values(seen.log).reduce((sum, { total }) => sum + total, 0) }),
  };
}
