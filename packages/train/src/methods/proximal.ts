// Proximal training: after each step of the optimiser on the loss alone, a proximal step of a penalty, of weight
// λ·η. Numbers, or groups of them, become exactly zero (Parikh and Boyd, Proximal Algorithms, 2014).
import { assemble, dense, toDense } from '@lacuna/ir';
import type { Prox } from '@lacuna/sparsifiers';
import type { Hook } from '../fit.js';
import type { Trainer } from '../trainer.js';

/** What {@link proximal} is told. */
export interface ProximalOptions {
  /** Dense weights. */
  readonly names: readonly string[];
  readonly prox: Prox;
  /** λ·η: the penalty's weight times the learning rate, at a step of so many. */
  readonly weight: (step: number, steps: number) => number;
}

/**
 * Takes a proximal step after each step of a run; give it to `takeSteps` as `after`.
 *
 * @example
 * ```ts
 * import { assemble, createEngine, dense, meanSquaredError, mlp, proximal, sgd, softThreshold, takeSteps, Trainer, wasm } from '@lacuna/lacuna';
 * const engine = await createEngine(wasm());
 * const trainer = new Trainer({ engine, model: mlp({ sizes: [4, 1], seed: 1 }), loss: meanSquaredError, optimiser: sgd() });
 * const data = { inputs: assemble(dense, [4, 4], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]), targets: assemble(dense, [4, 1], [1, 0, 0, 0]) };
 * const after = proximal(trainer, { names: ['layers.0.weight'], prox: softThreshold(), weight: () => 0.01 });
 * await takeSteps(trainer, { data, epochs: 200, batch: 4, rate: 0.1, after });
 * const weight = await trainer.parameter('layers.0.weight');
 * weight.values.filter((w) => w === 0).length > 0; // true
 * engine.dispose();
 * ```
 */
export function proximal(trainer: Trainer, { names, prox, weight: by }: ProximalOptions): Hook {
  return async ({ step, steps }) => {
    for (const name of names) {
      const weight = await trainer.parameter(name);
      const { shape, dtype } = weight;
      const numbers = prox.step(toDense(weight), shape, by(step, steps));
      await trainer.replace(name, { weight: assemble(dense, shape, numbers, { dtype }) });
    }
  };
}
