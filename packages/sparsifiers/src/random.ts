// Random pruning: exactly as many as asked, chosen by a seed; the baseline that others must beat.
import { sizeOf, sparsifier, type Sparsifier } from '@lacuna/ir';
import { checkFraction, checkWhole } from './check.js';
import { dropCount } from './rank.js';

/** What {@link random} is told. */
export interface RandomOptions {
  /** The share to drop, 0..1. */
  readonly fraction: number;
  /** A whole number, 0 or more; the same seed and shape keep the same places. */
  readonly seed: number;
}

/**
 * Drops a fraction of the places at random, all choices equally likely. The numbers play no part.
 *
 * @throws SparseError `unsupported` for a fraction outside 0..1 or a seed that is no whole number.
 * @example
 * ```ts
 * import { random } from '@lacuna/sparsifiers';
 * random({ fraction: 0.75, seed: 1 }).count?.([4, 4]); // 4
 * ```
 */
export function random({ fraction, seed }: RandomOptions): Sparsifier {
  checkFraction('random', fraction);
  checkWhole('random', { seed }, 0, 2 ** 32 - 1);
  const places = (size: number): Uint8Array => {
    const next = mulberry32(seed);
    const kept = new Uint8Array(size);
    // Selection sampling (Knuth, 3.4.2, algorithm S): keep with probability wanted / left.
    let wanted = size - dropCount(fraction, size);
    for (let at = 0; at < size && wanted > 0; at++) {
      if (next() * (size - at) >= wanted) continue;
      kept[at] = 1;
      wanted--;
    }
    return kept;
  };
  return sparsifier({
    name: 'random',
    kind: 'streaming',
    params: { fraction, seed },
    rule: { keeps: 'fixed', of: (shape) => places(sizeOf(shape)) },
    keep: (numbers) => places(numbers.length),
    at: (other) => random({ fraction: other, seed }),
    count: (shape) => sizeOf(shape) - dropCount(fraction, sizeOf(shape)),
  });
}

/**
 * Numbers in 0..1 from a seed: Tommy Ettinger's mulberry32.
 *
 * @internal
 */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
