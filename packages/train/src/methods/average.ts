// Sparse soups: copies of one pruned model, each trained in its own way, have a mean with the same places (Zimmer
// et al., Sparse Model Soups, 2024).
import { assemble, dense, isDense, SparseError, toDense, type Tensor } from '@lacuna/ir';
import { averageSameMask } from '@lacuna/sparsifiers';
import type { Model } from '../model.js';

/**
 * The model whose parameters are the means of those of several, in the places that they share.
 *
 * @throws SparseError `lossy` where the places of a sparse weight differ.
 * @example
 * ```ts
 * import { averageModels, mlp } from '@lacuna/train';
 * const [a, b] = [mlp({ sizes: [2, 2], seed: 1 }), mlp({ sizes: [2, 2], seed: 2 })];
 * averageModels([a, b]).parameters['layers.0.weight']!.shape; // [2, 2]
 * ```
 */
export function averageModels<M extends Model>(models: readonly [M, ...M[]]): M {
  const [first] = models;
  const parameters: Record<string, Tensor> = {};
  for (const [name, { format }] of Object.entries(first.parameters)) {
    const own = models.map((model) => model.parameters[name]!);
    checkMasks(name, models);
    parameters[name] = isDense(format) ? mean(own) : averageSameMask(own);
  }
  return { ...first, parameters };
}

/** Refuses dense weights that are trained at different places. */
function checkMasks(name: string, models: readonly Model[]): void {
  const masks = models.map(({ sparsity }) => sparsity?.masks[name]);
  const texts = new Set(masks.map((mask) => (mask ? toDense(mask).join('') : '')));
  if (texts.size === 1) return;
  throw new SparseError(
    'lossy',
    `${name} is trained at different places in ${models.length} models`,
    {
      hint: 'train copies of one pruned model, which keep its masks',
    },
  );
}

function mean(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors as [Tensor];
  const all = tensors.map(toDense);
  const numbers = Float64Array.from(all[0]!, (_, at) => {
    let total = 0;
    for (const one of all) total += one[at]!;
    return total / all.length;
  });
  return assemble(dense, first.shape, numbers, { dtype: first.dtype });
}
