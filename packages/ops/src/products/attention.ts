// attention: softmax(q·kᵀ·scale)·v (Vaswani et al., 2017). Dense over all pairs; or sparse, over the pairs that a
// pattern has places for: sampled scores, their softmax in the pattern, and a sparse product.
import { emitting, type Tensor } from '@lacuna/ir';
import { add } from '../pointwise/add.js';
import { batchMatmul } from './batchmatmul.js';
import { matmul } from './matmul.js';
import { scale as times } from '../pointwise/scale.js';
import { softmax } from '../reductions/softmax.js';
import { sparseSoftmax } from '../reductions/sparsesoftmax.js';

/** What {@link attention} may be told. */
export interface AttentionOptions {
  /** What scores are multiplied with; default 1/√D. */
  readonly scale?: number;
  /** Added to the scores `[..., M, N]`: −∞ (or a large negative number) where a pair may not meet. */
  readonly mask?: Tensor | undefined;
}

/** `attention(q [..., M, D], k [..., N, D], v [..., N, E])` → `[..., M, E]`. */
export function attention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  { scale = 1 / Math.sqrt(q.shape.at(-1)!), mask }: AttentionOptions = {},
): Tensor {
  const product = q.shape.length === 2 ? matmul : batchMatmul;
  const scores = times(product(q, k, { transposeB: true }), { factor: scale });
  return product(softmax(mask ? add(scores, mask) : scores, { axis: -1 }), v);
}

/**
 * `matmul(a, b)` where the pattern of `like` has places, and nothing elsewhere: the sampled product (SDDMM). The
 * numbers of `like` do not matter.
 */
export function sampledMatmul(
  a: Tensor,
  b: Tensor,
  like: Tensor,
  attrs: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {},
): Tensor {
  return emitting({ into: like.pattern }, matmul, [a, b], attrs);
}

/**
 * `sparseAttention(q [M, D], k [N, D], v [N, E], like [M, N])` → `[M, E]`: each query meets the keys that the
 * pattern of `like` has places for. A row without any gives zeros.
 */
export function sparseAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  like: Tensor,
  { scale = 1 / Math.sqrt(q.shape.at(-1)!) }: Pick<AttentionOptions, 'scale'> = {},
): Tensor {
  const scores = times(sampledMatmul(q, k, like, { transposeB: true }), { factor: scale });
  return matmul(sparseSoftmax(scores), v);
}
