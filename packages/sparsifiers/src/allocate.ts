// How one density is divided among several tensors. Σ dₗ nₗ = D Σ nₗ holds for each rule; a tensor whose share
// would pass 1 stays dense, and what it cannot take goes to the others.
//
//     uniform    dₗ = D
//     er         dₗ ∝ (in + out) / (in · out)                       (Mocanu et al., 2018)
//     erk        dₗ ∝ Σ extents / Π extents                         (Evci et al., 2020)
//     balanced   every tensor keeps as many numbers
//     pyramidal  dₗ = rˡ, l = 1, 2, …
import { SparseError, sizeOf, type Shape } from '@lacuna/ir';
import { checkFraction } from './check.js';

/** The rules that divide a density. */
export type Allocator = 'uniform' | 'er' | 'erk' | 'balanced' | 'pyramidal';

/** Every {@link Allocator}. */
export const allocators: readonly Allocator[] = ['uniform', 'er', 'erk', 'balanced', 'pyramidal'];

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/**
 * The density of each tensor when `density` of all their numbers are kept.
 *
 * @throws SparseError `unsupported` for a density outside 0..1 or an allocator that is none of ours.
 * Source: the references above; Random_Pruning for `erk`.
 * @example
 * ```ts
 * import { allocate } from '@lacuna/sparsifiers';
 * const shapes = [[64, 3, 3, 3], [64, 64, 3, 3], [128, 64, 3, 3], [10, 128]];
 * allocate('erk', shapes, 0.1).map((d) => d.toFixed(6)); // [ '1.000000', '0.091444', '0.067559', '1.000000' ]
 * ```
 */
export function allocate(
  allocator: Allocator,
  shapes: readonly Shape[],
  density: number,
): readonly number[] {
  checkFraction('allocate', density);
  const sizes = shapes.map(sizeOf);
  switch (allocator) {
    case 'uniform':
      return sizes.map(() => density);
    case 'er':
      return proportional(
        sizes,
        density,
        shapes.map((shape) => {
          const [out, into] = [shape[0] ?? 1, sizeOf(shape.slice(1))];
          return (into + out) / (into * out);
        }),
      );
    case 'erk':
      return proportional(
        sizes,
        density,
        shapes.map((shape) => sum(shape) / sizeOf(shape)),
      );
    case 'balanced':
      return proportional(
        sizes,
        density,
        sizes.map((n) => 1 / n),
      );
    case 'pyramidal':
      return pyramid(sizes, density);
    default:
      allocator satisfies never;
      throw new SparseError('unsupported', `no allocator is called "${String(allocator)}"`, {
        hint: `write one of ${allocators.join(', ')}`,
      });
  }
}

/** dₗ = ε·wₗ, those above 1 set to 1 and ε found again for the rest. */
function proportional(
  sizes: readonly number[],
  density: number,
  weights: readonly number[],
): readonly number[] {
  const full = sizes.map((n) => n === 0);
  for (;;) {
    const left = density * sum(sizes) - sum(sizes.filter((_, l) => full[l]));
    const mass = sum(sizes.map((n, l) => (full[l] ? 0 : n * weights[l]!)));
    const epsilon = mass === 0 ? 0 : left / mass;
    const above = weights.findIndex((w, l) => !full[l] && epsilon * w > 1);
    if (above < 0) return weights.map((w, l) => (full[l] ? 1 : epsilon * w));
    weights.forEach((w, l) => (full[l] ||= epsilon * w > 1));
  }
}

/** r by bisection: Σ rˡ nₗ grows with r. */
function pyramid(sizes: readonly number[], density: number): readonly number[] {
  const wanted = density * sum(sizes);
  let [low, high] = [0, 1];
  for (let turn = 0; turn < 200; turn++) {
    const r = (low + high) / 2;
    if (sum(sizes.map((n, l) => r ** (l + 1) * n)) < wanted) low = r;
    else high = r;
  }
  return sizes.map((_, l) => ((low + high) / 2) ** (l + 1));
}
