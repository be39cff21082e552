// Pruning by lot: any score as a chance rather than an order. Without replacement, each place with a weight of its
// score: the greatest keys log(u)/score stay, u even in 0..1 (Efraimidis and Spirakis, 2006). That is what turns a
// score at initialisation into a sketch of the layer.
import { SparseError, sparsifier, type Numbers, type Shape, type Sparsifier } from '@lacuna/ir';
import { checkFraction, checkWhole } from './check.js';
import { mulberry32 } from './random.js';
import { dropCount } from './rank.js';
import { topk } from './topk.js';

/**
 * Keeps as many as a sparsifier's fraction says, drawn by its scores, which must be 0 or more; places of score 0 come
 * last, from the left. The same seed, numbers and shape keep the same places.
 *
 * @throws SparseError `unsupported` where the sparsifier has no score and fraction, or a score is below 0.
 * @example
 * ```ts
 * import { magnitude, sampled } from '@lacuna/sparsifiers';
 * sampled(magnitude({ fraction: 0.5 }), { seed: 1 }).keep(Float32Array.of(1, 0, 9, 0), [4]); // Uint8Array [1, 0, 1, 0]
 * ```
 */
export function sampled(how: Sparsifier, { seed }: { readonly seed: number }): Sparsifier {
  const { score, at } = how;
  const fraction = how.params['fraction'];
  if (!score || !at || typeof fraction !== 'number')
    throw new SparseError('unsupported', `${how.print()} has no score and fraction to draw by`, {
      hint: 'write a sparsifier that does, such as magnitude({ fraction: 0.9 })',
    });
  checkFraction('sampled', fraction);
  checkWhole('sampled', { seed }, 0, 2 ** 32 - 1);
  return sparsifier({
    name: 'sampled',
    kind: 'materialising',
    params: { by: how.name, fraction, seed },
    ...(how.needs && { needs: how.needs }),
    keep(numbers: Numbers, shape: Shape, auxiliary) {
      const next = mulberry32(seed);
      const keys = Float64Array.from(score(numbers, shape, auxiliary), (s) => {
        const u = 1 - next(); // in 0..1, 0 left out
        if (s >= 0) return s === 0 ? -Infinity : Math.log(u) / s;
        throw new SparseError('unsupported', `${how.print()} scores a number ${s}`, {
          hint: 'draw by scores of 0 or more',
        });
      });
      return topk(keys, keys.length - dropCount(fraction, keys.length));
    },
    at: (other) => sampled(at(other), { seed }),
  });
}
