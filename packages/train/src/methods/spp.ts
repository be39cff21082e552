// SPP: a pruned weight is tuned by few numbers and keeps its places (Lu et al., Sparsity-Preserved
// Parameter-efficient fine-tuning, 2024). W is frozen; A and b are trained:
//
//     Ŵ = W + σ · W ⊙ Ā ⊙ b,   Ā repeats each row of A [r, I] over O/r rows,   b [O, 1] begins at 0
import { isDense, SparseError, type Tensor } from '@lacuna/ir';
import { emit, type Engine } from '@lacuna/engine';
import { add, broadcast, dropout, multiply, reshape } from '@lacuna/ops';
import { constant, he } from '../initialise.js';
import type { Model, Parameters, Pass } from '../model.js';
import { caughtBy } from '../rules.js';

/** What {@link spp} is told. */
export interface SppOptions {
  /** Names of weights; `*` stands for anything. */
  readonly weights: string;
  /** r; 16 by default. */
  readonly rank?: number;
  /** σ; 2 by default. */
  readonly strength?: number;
  /** The share of inputs that adapters do not see in a step, the same for a batch; 0 by default, 0.05 as published. */
  readonly dropout?: number;
  readonly seed: number;
}

/** A model whose weights are frozen, with adapters as its parameters. */
export interface SppModel extends Model {
  /** The model with its adapters' effect in the weights, at the places that these have. */
  readonly merged: (engine: Engine, adapters: Parameters) => Promise<Model>;
}

/**
 * Adapters for the weights that match, in any layout: parameters `<name>.A` and `<name>.b`.
 *
 * @throws SparseError `shape` where the rank does not divide a weight's rows; `unsupported` where nothing matches.
 */
export function spp(model: Model, options: SppOptions): SppModel {
  const { weights, rank = 16, strength = 2, dropout: rate = 0, seed } = options;
  const names = caughtBy({ weights, sparsifier: 'keep' }, Object.keys(model.parameters));
  const parameters: Record<string, Tensor> = {};
  for (const name of names) {
    const [rows, columns] = model.parameters[name]!.shape as [number, number];
    if (rows % rank !== 0)
      throw new SparseError('shape', `${name} has ${rows} rows, and the rank is ${rank}`, {
        hint: 'choose a rank that divides the rows',
      });
    parameters[`${name}.A`] = he([rank, columns], { seed, name: `${name}.A` });
    parameters[`${name}.b`] = constant([rows, 1]);
  }
  const tuned = (w: Parameters, name: string, pass?: Pass): Tensor => {
    const weight = w[name]!;
    const [rows, columns] = weight.shape as [number, number];
    const a = reshape(w[`${name}.A`], { shape: [rank, 1, columns] });
    const wide = broadcast(a, { shape: [rank, rows / rank, columns] });
    const each = multiply(reshape(wide, { shape: [rows, columns] }), w[`${name}.b`]);
    const seen = constant([1, columns], strength);
    const by = pass?.training && rate > 0 ? dropout(seen, pass.seed, { rate }) : seen;
    const into = isDense(weight.format) ? {} : { into: weight.pattern };
    return add(weight, emit(multiply(weight, multiply(each, by)), into));
  };
  const all = (w: Parameters, pass?: Pass): Parameters =>
    Object.fromEntries(names.map((name) => [name, tuned(w, name, pass)]));
  return {
    ...model,
    parameters,
    frozen: { ...model.frozen, ...model.parameters },
    forward: (w, inputs, pass) => model.forward({ ...w, ...all(w, pass) }, inputs, pass),
    merged: (engine, adapters) =>
      engine.scope(async () => {
        const held = Object.entries({ ...model.parameters, ...adapters });
        const w = all(Object.fromEntries(held.map(([name, t]) => [name, engine.put(t)])));
        const after: Record<string, Tensor> = { ...model.parameters };
        for (const name of names) after[name] = await engine.get(w[name]!);
        return { ...model, parameters: after };
      }),
  };
}
