// SR-STE: an n:m network from random weights (Zhou et al., Learning N:M Fine-grained Structured Sparse Neural
// Networks From Scratch, 2021). A dense weight is trained; each step sees its n largest of every m, and what the
// step does not see shrinks:
//
//     W ← W − η [ ∂L/∂(M ⊙ W) + λ (1 − M) ⊙ W ]        λ = 0 is plain straight-through
//
// SAD counts how many places of a mask differ between two steps: how restless training is.
import { toDense, withBackward, type Tensor } from '@lacuna/ir';
import { nm } from '@lacuna/layouts';
import { nmMagnitude } from '@lacuna/sparsifiers';
import type { WeightRule } from '../rules.js';
import type { Trainer } from '../trainer.js';

/** What {@link srSte} is told. */
export interface SrSteOptions {
  /** Names of weights; `*` stands for anything. */
  readonly weights: string;
  readonly n: number;
  readonly m: number;
  /** λ; 2e-4 as published. */
  readonly decay?: number;
}

/**
 * The rule that trains weights by SR-STE; `packed` stores them as `nm(n, m)` afterwards.
 *
 * @example
 * ```ts
 * import { mlp, sparsifyModel, srSte } from '@lacuna/train';
 * const model = sparsifyModel(mlp({ sizes: [64, 32, 10], seed: 1 }), [srSte({ weights: '*.weight', n: 1, m: 16 })]);
 * model.explain(); // 'nmMagnitude(n=1, m=16, along=1, backward=decay:0.0002) -> nm(1,16) each step: weights layers.0.weight, layers.1.weight'
 * ```
 */
export function srSte({ weights, n, m, decay = 2e-4 }: SrSteOptions): WeightRule {
  const sparsifier = withBackward(nmMagnitude({ n, m }), decay ? { decay } : 'straight-through');
  return { weights, sparsifier, layout: nm(n, m), mask: 'each-step' };
}

/** How many places of two masks differ. */
export function sad(before: Uint8Array, after: Uint8Array): number {
  let differ = 0;
  for (let at = 0; at < after.length; at++) if (before[at] !== after[at]) differ++;
  return differ;
}

/** Watches masks as training goes. */
export interface MaskWatch {
  /** Looks now; give it to `fit` as `before`. */
  readonly look: () => Promise<void>;
  /** For each weight: places that differ from the first look, from the one before, and all changes together. */
  readonly log: Readonly<Record<string, { start: number; last: number; total: number }>>;
}

/** Watches the n:m masks of weights in training. */
export function watchMasks(
  trainer: Pick<Trainer, 'parameter'>,
  names: readonly string[],
  { n, m }: Pick<SrSteOptions, 'n' | 'm'>,
): MaskWatch {
  const how = nmMagnitude({ n, m });
  const seen: Record<string, { first: Uint8Array; last: Uint8Array }> = {};
  const log = Object.fromEntries(names.map((name) => [name, { start: 0, last: 0, total: 0 }]));
  const maskOf = (weight: Tensor): Uint8Array => how.keep(toDense(weight), weight.shape);
  return {
    log,
    async look() {
      for (const name of names) {
        const mask = maskOf(await trainer.parameter(name));
        const before = (seen[name] ??= { first: mask, last: mask });
        const last = sad(before.last, mask);
        log[name] = { start: sad(before.first, mask), last, total: log[name]!.total + last };
        before.last = mask;
      }
    },
  };
}
