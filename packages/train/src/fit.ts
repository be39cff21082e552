// A run of training: epochs of shuffled batches, step by step, until it is done or told to stop. A run that stopped
// goes on from its checkpoint to the same bits.
import { SparseError, type Tensor } from '@lacuna/ir';
import { readCheckpoint, restored, writeCheckpoint } from './checkpoint.js';
import { batchesOf, type Data } from './data.js';
import type { Inputs } from './inputs.js';
import type { Model } from './model.js';
import type { Progress } from './progress.js';
import { constantRate, type Rate } from './rate.js';
import { Trainer, type TrainerOptions } from './trainer.js';

/** How a run goes. */
export interface RunOptions {
  readonly data: Data<Inputs>;
  readonly epochs: number;
  /** Examples of a batch; 32 by default. */
  readonly batch?: number;
  /** The learning rate; 0.01 at every step by default. */
  readonly rate?: Rate | number;
  /** What batches, and the forward pass, are drawn by; 0 by default. */
  readonly seed?: number;
  /** Stops the run after the step that it meets. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: Progress) => void;
  /** Called before each step, and after: where methods change the model. */
  readonly before?: Hook;
  readonly after?: Hook;
}

/** What a method does beside a step. */
export type Hook = (at: {
  /** Steps that were taken before this one. */
  readonly step: number;
  readonly steps: number;
  readonly inputs: Inputs;
  readonly targets: Tensor;
}) => void | Promise<void>;

/** What {@link fit} is told. */
export interface FitOptions<M extends Model>
  extends RunOptions, Omit<TrainerOptions<M>, 'step' | 'moments' | 'seed'> {
  /** A checkpoint of the same run. */
  readonly resume?: Uint8Array;
}

/** How a run ended. */
export interface Run {
  readonly outcome: 'done' | 'aborted';
  /** Steps taken. */
  readonly step: number;
  /** The mean loss of each epoch that this run took part in. */
  readonly losses: readonly number[];
}

/** A run and what it made. */
export interface Fitted<M extends Model> extends Run {
  readonly model: M;
  /** From which `fit` goes on, with `resume`. */
  readonly checkpoint: Uint8Array<ArrayBuffer>;
}

/**
 * Trains a model. An aborted run resolves, with what it has.
 *
 * @throws SparseError `unsupported` where a loss is not finite; `shape` or `format` for a checkpoint of another run.
 * @example
 * ```ts
 * import { adam, assemble, createEngine, dense, fit, meanSquaredError, mlp, wasm } from '@lacuna/lacuna';
 * const engine = await createEngine(wasm());
 * const inputs = assemble(dense, [4, 2], [0, 0, 0, 1, 1, 0, 1, 1]);
 * const data = { inputs, targets: assemble(dense, [4, 1], [0, 1, 1, 0]) };
 * const { losses, outcome } = await fit({
 *   engine, model: mlp({ sizes: [2, 16, 1], seed: 1 }), loss: meanSquaredError, optimiser: adam(),
 *   data, epochs: 300, batch: 4, rate: 0.02,
 * });
 * outcome; // 'done'
 * losses.at(-1)! < 0.01; // true
 * engine.dispose();
 * ```
 */
export async function fit<M extends Model>({
  resume,
  ...options
}: FitOptions<M>): Promise<Fitted<M>> {
  const { optimiser } = options;
  const from = resume && readCheckpoint(resume);
  const seed = from?.seed ?? options.seed ?? 0;
  if (from && from.optimiser !== optimiser.print())
    throw new SparseError(
      'format',
      `the checkpoint is of ${from.optimiser}, not ${optimiser.print()}`,
      {
        hint: 'go on with the optimiser that it was made with',
      },
    );
  const model = from ? restored(options.model, from) : options.model;
  const trainer = new Trainer({
    ...options,
    model,
    seed,
    ...(from && { step: from.step, moments: from.moments }),
  });
  try {
    const run = await takeSteps(trainer, { ...options, seed });
    const after = await trainer.model();
    const place = { step: run.step, seed, optimiser: optimiser.print() };
    return {
      ...run,
      model: after,
      checkpoint: writeCheckpoint(after, await trainer.moments(), place),
    };
  } finally {
    trainer.dispose();
  }
}

/**
 * Takes a trainer through the steps of a run that are left. The trainer stays what it became, also where a step
 * fails: parameters are then those before it.
 */
export async function takeSteps(trainer: Trainer, options: RunOptions): Promise<Run> {
  const {
    data,
    epochs,
    batch: size = 32,
    seed = 0,
    signal,
    onProgress = () => {},
    before,
    after,
  } = options;
  const batches = batchesOf(data, { size, seed });
  const rate = typeof options.rate === 'object' ? options.rate : constantRate(options.rate ?? 0.01);
  const steps = epochs * batches.count;
  const sums = new Map<number, { sum: number; count: number }>();
  let outcome: 'done' | 'aborted' | 'failed' = 'failed';
  const idle = turns();
  onProgress({ phase: 'start', step: trainer.steps, steps });
  try {
    while (trainer.steps < steps) {
      if (signal?.aborted) break;
      const step = trainer.steps;
      const epoch = Math.floor(step / batches.count);
      const { inputs, targets } = batches.at(epoch, step % batches.count);
      await before?.({ step, steps, inputs, targets });
      const now = rate.at(step, steps);
      const loss = await trainer.step(inputs, targets, now);
      await after?.({ step, steps, inputs, targets });
      const of = sums.get(epoch) ?? { sum: 0, count: 0 };
      sums.set(epoch, { sum: of.sum + loss, count: of.count + 1 });
      onProgress({ phase: 'train', step: step + 1, steps, epoch: epoch + 1, loss, rate: now });
      await idle();
    }
    outcome = trainer.steps < steps ? 'aborted' : 'done';
    const losses = [...sums.values()].map(({ sum, count }) => sum / count);
    return { outcome, step: trainer.steps, losses };
  } finally {
    onProgress({ phase: 'end', step: trainer.steps, steps, outcome });
  }
}

/** Lets events in every 30 ms: a signal to stop can come then. */
function turns(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < 30) return;
    await new Promise((go) => setTimeout(go, 0));
    last = performance.now();
  };
}
