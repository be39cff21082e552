// AutoSparse (Kundu et al., Towards Automated Sparse Training, 2023): each weight tensor learns the threshold that
// prunes it. What is below still gets a part α of its gradient, which ends with training:
//
//     Ŵ = sign(W) ⊙ relu(|W| − σ(s)),   relu′ = 1 above the threshold and α below,   α = α₀ σ(6 − 12 t/T)
//
// s begins at −5, a threshold of 0.007. Decay of s towards 0 lifts thresholds up; the loss holds them down. Of the two
// curves that α follows as published, whichever is greater, this is the one of the first half.
import { assemble, SparseError, toDense, type FormatLike, type Tensor } from '@lacuna/ir';
import { add, multiply, relu, scale, sigmoid, sign, stopGradient, subtract } from '@lacuna/ops';
import { constant } from '../initialise.js';
import type { Model, Parameters } from '../model.js';
import { caughtBy } from '../rules.js';

/** What {@link autoSparse} is told. */
export interface AutoSparseOptions {
  /** A name, or several; `*` stands for anything. */
  readonly weights: string | readonly string[];
  /** T: the steps that training takes. */
  readonly steps: number;
  /** α₀, from 0 to 1; 0.5 by default. With 0 what was pruned stays so, unless its threshold sinks. */
  readonly alpha?: number;
  /** Keeps α at α₀ to the end where false; true by default. */
  readonly anneal?: boolean;
  /** How strongly s decays; 0.05 by default. */
  readonly decay?: number;
}

/** A model with a threshold for each weight, `<name>.threshold`, as a further parameter. */
export interface AutoSparseModel extends Model {
  /** The model as it was given, with weights cut by their thresholds and stored in a layout. */
  readonly cut: (parameters: Parameters, layout: FormatLike) => Model;
}

/**
 * Learns thresholds for the weights that match.
 *
 * @throws SparseError `unsupported` for an α outside 0..1, and where nothing matches.
 */
export function autoSparse(model: Model, options: AutoSparseOptions): AutoSparseModel {
  const { weights, steps, alpha = 0.5, anneal = true, decay = 0.05 } = options;
  if (!(alpha >= 0 && alpha <= 1))
    throw new SparseError('unsupported', `autoSparse was given alpha = ${alpha}`, {
      hint: 'write a number from 0 to 1',
    });
  const names = caughtBy({ weights, sparsifier: 'keep' }, Object.keys(model.parameters));
  const thresholds = names.map((name) => [`${name}.threshold`, constant([], -5)] as const);
  /** Ŵ: what is below the threshold adds nothing, and is there for its gradient. */
  const pruned = (weight: Tensor, s: Tensor, part: Tensor): Tensor => {
    const side = sign(weight);
    const above = subtract(multiply(weight, side), sigmoid(s));
    const below = scale(relu(scale(above, { factor: -1 })), { factor: -1 });
    const leak = multiply(subtract(below, stopGradient(below)), part);
    return multiply(side, add(relu(above), leak));
  };
  return {
    ...model,
    parameters: { ...model.parameters, ...Object.fromEntries(thresholds) },
    forward(w, x, pass) {
      const late = subtract(constant([], 6), scale(pass.step, { factor: 12 / steps }));
      const part = anneal ? scale(sigmoid(late), { factor: alpha }) : constant([], alpha);
      const seen = names.map((name) => {
        const s = w[`${name}.threshold`]!;
        pass.penalise(scale(multiply(s, s), { factor: decay / 2 }));
        return [name, pruned(w[name]!, s, part)] as const;
      });
      return model.forward({ ...w, ...Object.fromEntries(seen) }, x, pass);
    },
    cut(parameters, layout) {
      const kept: Record<string, Tensor> = {};
      for (const name of Object.keys(model.parameters)) kept[name] = parameters[name]!;
      for (const name of names) {
        const threshold = 1 / (1 + Math.exp(-parameters[`${name}.threshold`]!.values[0]!));
        const numbers = toDense(kept[name]!);
        const cut = numbers.map((x) => Math.sign(x) * Math.max(0, Math.abs(x) - threshold));
        kept[name] = assemble(layout, kept[name]!.shape, cut);
      }
      return { ...model, parameters: kept };
    },
  };
}
