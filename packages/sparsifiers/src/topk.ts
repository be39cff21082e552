// The primitive under every sparsifier that counts: of some numbers, the k greatest. Equal ones are taken by
// index, so that the same numbers give the same mask on every machine.
import { SparseError, type Numbers } from '@lacuna/ir';
import { keepGreatest } from './rank.js';

/** Which of equal scores stay. */
export type Ties = 'first' | 'last';

/**
 * Marks the `k` greatest scores with 1; of equal ones the first, or the last, stay.
 *
 * @throws SparseError `unsupported` for a score that is NaN, and a k that is no whole number.
 * @example
 * ```ts
 * import { topk } from '@lacuna/sparsifiers';
 * topk(Float32Array.of(2, 5, 2, 1), 2); // Uint8Array [1, 1, 0, 0]
 * topk(Float32Array.of(2, 5, 2, 1), 2, { ties: 'last' }); // Uint8Array [0, 1, 1, 0]
 * ```
 */
export function topk(
  scores: Numbers,
  k: number,
  { ties = 'first' }: { readonly ties?: Ties } = {},
): Uint8Array {
  if (!Number.isInteger(k) || k < 0)
    throw new SparseError('unsupported', `topk was asked for ${k} numbers`, {
      hint: 'write a whole number, 0 or more',
    });
  const nan = scores.findIndex((score) => Number.isNaN(score));
  if (nan >= 0)
    throw new SparseError('unsupported', `topk was given a score that is NaN, at ${nan}`, {
      detail: { at: nan },
      hint: 'score with numbers that have an order',
    });
  const kept = new Uint8Array(scores.length);
  const drop = Math.max(0, scores.length - k);
  if (ties === 'last') keepGreatest(scores, 0, scores.length, drop, kept);
  else {
    keepGreatest(scores.slice().reverse(), 0, scores.length, drop, kept);
    kept.reverse();
  }
  return kept;
}
