// One budget over several tensors: by one order of all their scores, or divided by an allocator first.
import {
  SparseError,
  sizeOf,
  type Auxiliary,
  type Numbers,
  type Shape,
  type Sparsifier,
} from '@lacuna/ir';
import { allocate, type Allocator } from './allocate.js';
import { dropCount } from './rank.js';
import { topk } from './topk.js';

/** One of several tensors that share a budget. */
export interface Sharer {
  readonly numbers: Numbers;
  readonly shape: Shape;
  readonly auxiliary?: Auxiliary;
}

/**
 * The mask of each tensor when a sparsifier's fraction is dropped of all of them together: `'global'` in one
 * order of their scores (equal ones dropped from the left), an allocator each tensor in its own order.
 *
 * @throws SparseError `unsupported` where the sparsifier has no fraction, or no score for `'global'`.
 * @example
 * ```ts
 * import { across, magnitude } from '@lacuna/sparsifiers';
 * const [a, b] = [{ numbers: Float32Array.of(1, 2), shape: [2] }, { numbers: Float32Array.of(3, 4), shape: [2] }];
 * across(magnitude({ fraction: 0.5 }), [a, b], 'global'); // [ Uint8Array [0, 0], Uint8Array [1, 1] ]
 * across(magnitude({ fraction: 0.5 }), [a, b], 'uniform'); // [ Uint8Array [0, 1], Uint8Array [0, 1] ]
 * ```
 */
export function across(
  how: Sparsifier,
  sharers: readonly Sharer[],
  by: Allocator | 'global',
): readonly Uint8Array[] {
  const fraction = how.params['fraction'];
  const { at, score } = how;
  if (typeof fraction !== 'number' || !at || (by === 'global' && !score))
    throw new SparseError(
      'unsupported',
      `${how.print()} cannot share a budget among tensors: it has no ${by === 'global' ? 'score and fraction' : 'fraction'}`,
      {
        hint: 'write a sparsifier that does, such as magnitude({ fraction: 0.9 })',
      },
    );
  if (by !== 'global') {
    const densities = allocate(
      by,
      sharers.map(({ shape }) => shape),
      1 - fraction,
    );
    return sharers.map(({ numbers, shape, auxiliary }, k) =>
      at(Math.min(1, Math.max(0, 1 - densities[k]!))).keep(numbers, shape, auxiliary),
    );
  }
  const ends: number[] = [0];
  for (const { shape } of sharers) ends.push(ends.at(-1)! + sizeOf(shape));
  const all = new Float64Array(ends.at(-1)!);
  sharers.forEach(({ numbers, shape, auxiliary }, k) =>
    all.set(score!(numbers, shape, auxiliary), ends[k]),
  );
  const kept = topk(all, all.length - dropCount(fraction, all.length), { ties: 'last' });
  return sharers.map((_, k) => kept.slice(ends[k], ends[k + 1]));
}
