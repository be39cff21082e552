// Progressive gradient flow (Bambhaniya et al., Progressive Gradient Flow for Robust N:M Sparsity Training in
// Transformers, 2024): a dense weight is trained, and becomes n:m little by little, so that gradients are not noisy.
//
//     MdGf   Ŵ = W ⊙ (M + δ (1 − M))         what the mask drops fades: δ from 1 to 0
//     SdGf   Ŵ = W ⊙ M of 15:16, 8:16, …     the mask itself grows strict, in stages
// In both W gets the whole gradient of Ŵ.
import { SparseError, withBackward, type Tensor } from '@lacuna/ir';
import { emit } from '@lacuna/engine';
import { nm } from '@lacuna/layouts';
import { add, clamp, exp, multiply, relu, scale, sign, subtract } from '@lacuna/ops';
import { nmMagnitude, stepwise, type Stage, type Ratio } from '@lacuna/sparsifiers';
import { constant } from '../initialise.js';
import type { Model } from '../model.js';
import { caughtBy, type WeightRule } from '../rules.js';

/** What both are told. */
export interface FlowOptions {
  /** A name, or several; `*` stands for anything. */
  readonly weights: string | readonly string[];
  readonly n: number;
  readonly m: number;
  /** The step at which decay begins; 0 by default. Before it the weight is dense. */
  readonly begin?: number;
  /** The step from which on everything is n:m. */
  readonly end: number;
}

/**
 * MdGf: a model whose weights see their mask fade in. δ falls evenly to 0 at `end`, or as e^(−β·steps) until there.
 * Parameters stay dense; `sparsifyModel` with `nmMagnitude` and `nm` stores what a deployed model sees.
 */
export function maskDecay(model: Model, options: FlowOptions & { readonly beta?: number }): Model {
  const { weights, n, m, begin = 0, end, beta } = options;
  const names = caughtBy({ weights, sparsifier: 'keep' }, Object.keys(model.parameters));
  const sparsify = withBackward(nmMagnitude({ n, m }), 'straight-through');
  const one = constant([], 1);
  const fading = (step: Tensor): Tensor => {
    const share = { factor: 1 / Math.max(1, end - begin) };
    const left = clamp(scale(subtract(constant([], end), step), share), { least: 0, most: 1 });
    const since = scale(relu(subtract(step, constant([], begin))), { factor: -(beta ?? 0) });
    return beta === undefined ? left : multiply(exp(since), sign(left));
  };
  return {
    ...model,
    forward(w, x, pass) {
      const delta = fading(pass.step);
      const seen = names.map((name) => {
        const kept = multiply(emit(w[name]!, { sparsify }), subtract(one, delta));
        return [name, add(kept, multiply(w[name], delta))] as const;
      });
      return model.forward({ ...w, ...Object.fromEntries(seen) }, x, pass);
    },
  };
}

/** SdGf: the rule that prunes in stages of equal length; `packed` stores the weights as `nm(n, m)` in the end. */
export function structureDecay(
  options: FlowOptions & { readonly stages?: readonly Ratio[] },
): WeightRule {
  const { weights, n, m, begin = 0, end, stages = halvings({ n, m }) } = options;
  const length = (end - begin) / Math.max(1, stages.length - 1);
  const at = stages.map((is, k): Stage<Ratio> => [Math.round(begin + k * length), is]);
  const sparsifier = withBackward(nmMagnitude({ n, m }), 'straight-through');
  return { weights, sparsifier, layout: nm(n, m), mask: 'each-step', schedule: stepwise(at) };
}

/** The published stages: of 1:16, 15:16 8:16 4:16 2:16 1:16; `'blocks'`: 16:256 … 2:32 1:16, each block halved. */
export function halvings(
  { n, m }: Pick<FlowOptions, 'n' | 'm'>,
  how: 'numbers' | 'blocks' = 'numbers',
): Ratio[] {
  const count = Math.log2(m / n);
  if (!Number.isInteger(count))
    throw new SparseError('unsupported', `${n}:${m} is not reached by halving`, {
      hint: 'choose an m that is n times a power of two, or write the stages',
    });
  const twos = Array.from({ length: count + 1 }, (_, k) => 2 ** (count - k));
  if (how === 'blocks') return twos.map((by): Ratio => `${n * by}:${m * by}`);
  return twos.map((by): Ratio => `${by === 1 ? n : Math.min(n * by, m - 1)}:${m}`);
}
