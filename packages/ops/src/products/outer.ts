// outer: every element of one vector times every element of another.
import type { Tensor } from '@lacuna/ir';
import { multiply } from '../pointwise/multiply.js';
import { reshape } from '../moves/reshape.js';

/** `outer(a [M], b [N])` → `[M, N]`. */
export function outer(a: Tensor, b: Tensor): Tensor {
  return multiply(reshape(a, { shape: [-1, 1] }), reshape(b, { shape: [1, -1] }));
}
