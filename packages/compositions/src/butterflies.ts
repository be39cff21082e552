// A butterfly chain: log₂ n sparse factors that have full support together (Dao et al., 2019). A matrix of n²
// numbers in 2·n·log₂ n of them; a fast Fourier or Hadamard transform is one.
import { assemble, SparseError } from '@lacuna/ir';
import { butterflyFactor } from '@lacuna/layouts';
import { productOf, type Composition } from './composition.js';

/**
 * `B(n/2)·…·B(2)·B(1)`, each factor in its layout of no structure. `number(h, i, j)` gives the entries; absent,
 * those of an orthogonal Hadamard transform, which keeps the size of what passes through.
 *
 * @throws SparseError `shape` where n is not a power of two from 2 on.
 * @example
 * ```ts
 * import { butterflies, printComposition, writtenOut } from '@lacuna/compositions';
 * const fast = butterflies(8);
 * printComposition(fast); // 'butterfly(4)·butterfly(2)·butterfly(1) [8, 8], 48 stored'
 * [...writtenOut(fast).values].map((x) => Math.sign(x)).slice(8, 16); // [1, -1, 1, -1, 1, -1, 1, -1]
 * ```
 */
export function butterflies(
  n: number,
  number: (h: number, i: number, j: number) => number = hadamard,
): Composition {
  if (!(Number.isInteger(Math.log2(n)) && n >= 2))
    throw new SparseError('shape', `a butterfly chain of size ${n} was asked for`, {
      hint: 'choose a power of two, and pad to it',
    });
  const factors = [];
  for (let h = n / 2; h >= 1; h /= 2) {
    const [numbers, kept] = [new Float32Array(n * n), new Uint8Array(n * n)];
    for (let i = 0; i < n; i++)
      for (const j of [i, i ^ h]) {
        numbers[i * n + j] = number(h, i, j);
        kept[i * n + j] = 1;
      }
    factors.push(assemble(butterflyFactor(h), [n, n], numbers, { kept }));
  }
  return productOf(...factors);
}

/** One of the four numbers (1 1; 1 −1)/√2, by the halves that i and j lie in. */
function hadamard(h: number, i: number, j: number): number {
  return ((i & h) !== 0 && (j & h) !== 0 ? -1 : 1) * Math.SQRT1_2;
}
