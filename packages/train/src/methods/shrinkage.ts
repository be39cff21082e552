// ISS-P: iterative soft shrinkage (Bai et al., 2023). Weights that are too many are not cut but shrunk a little after
// each step, the smallest of their tensor anew each time, so that one which the loss wants back grows out of their
// midst:
//
//     w ← α·w for the P·n smallest |w|        α = 0 is iterative hard thresholding, α = 1 changes nothing
//
// Train so at a constant rate; then prune by magnitude and go on with a rate that begins afresh.
import { SparseError } from '@lacuna/ir';
import { prox, topk, type Prox } from '@lacuna/sparsifiers';
import type { Hook } from '../fit.js';
import type { Trainer } from '../trainer.js';
import { proximal } from './proximal.js';

/** What {@link softShrinkage} is told. */
export interface ShrinkageOptions {
  /** Dense weights. */
  readonly names: readonly string[];
  /** P: the share of each tensor that is to go. */
  readonly fraction: number;
  /** α, from 0 to 1; 0.95 by default. */
  readonly factor?: number;
}

/**
 * Shrinks the smallest numbers of each weight after every step; give it to `takeSteps` as `after`.
 *
 * @throws SparseError `unsupported` for a fraction or a factor outside 0..1.
 * @example
 * ```ts
 * import { assemble, crossEntropy, dense, createEngine, mlp, sgd, softShrinkage, sparsifyModel, takeSteps, Trainer, wasm } from '@lacuna/lacuna';
 * const engine = await createEngine(wasm());
 * const data = { inputs: assemble(dense, [4, 2], [0, 0, 0, 1, 1, 0, 1, 1]), targets: assemble(dense, [4], [0, 1, 1, 1]) };
 * const trainer = new Trainer({ engine, model: mlp({ sizes: [2, 8, 2], seed: 1 }), loss: crossEntropy, optimiser: sgd() });
 * const after = softShrinkage(trainer, { names: ['layers.0.weight'], fraction: 0.5 });
 * await takeSteps(trainer, { data, epochs: 100, batch: 4, rate: 0.2, after });
 * const rule = { weights: 'layers.0.weight', sparsifier: 'magnitude(fraction=0.5)', layout: 'csr' };
 * const pruned = sparsifyModel(await trainer.model(), [rule]); // and on with fit
 * pruned.parameters['layers.0.weight']!.stored; // 8
 * engine.dispose();
 * ```
 */
export function softShrinkage(trainer: Trainer, options: ShrinkageOptions): Hook {
  const { names, ...how } = options;
  return proximal(trainer, { names, prox: shrinkSmallest(how), weight: () => 1 });
}

/** α·w for the smallest, the others as they are: as a step that {@link proximal} takes, whatever its weight. */
export function shrinkSmallest({ fraction, factor = 0.95 }: Omit<ShrinkageOptions, 'names'>): Prox {
  for (const [name, value] of Object.entries({ fraction, factor }))
    if (!(value >= 0 && value <= 1))
      throw new SparseError('unsupported', `soft shrinkage was given ${name} = ${value}`, {
        hint: 'write a number from 0 to 1',
      });
  return prox({
    name: 'shrinkSmallest',
    params: { fraction, factor },
    step(numbers) {
      const sizes = Float64Array.from(numbers, Math.abs);
      const kept = topk(sizes, sizes.length - Math.floor(fraction * sizes.length));
      return Float64Array.from(numbers, (w, at) => (kept[at] ? w : factor * w));
    },
  });
}
