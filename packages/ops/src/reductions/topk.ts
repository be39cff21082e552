// topK: the largest elements along an axis, and where they are.
import type { Tensor } from '@lacuna/ir';
import { gather } from '../moves/gather.js';
import { topIndices, type TopIndicesAttrs } from './topindices.js';

/** What {@link topK} gives. */
export interface Top {
  readonly values: Tensor;
  readonly indices: Tensor;
}

/** The k largest elements along an axis, the largest first, and their places; gradients go to those elements. */
export function topK(x: Tensor, { k, axis = -1 }: Partial<TopIndicesAttrs> & { k: number }): Top {
  const indices = topIndices(x, { k, axis });
  return { values: gather(x, indices, { axis }), indices };
}
