// maxPool: the largest pixel of each window; padding is never the largest.
import { op, type Op } from '@lacuna/ir';
import { pool, poolDefaults, poolShape, type PoolAttrs } from './pool.js';

/**
 * `maxPool(x [B, C, H, W], { size, stride, padding })` → `[B, C, H', W']`.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { maxPool } from '@lacuna/ops';
 * const x = assemble(dense(), [1, 1, 2, 2], [-1, -2, -3, -4]);
 * maxPool.spec.reference([x], { size: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0] }); // Float64Array [-1]
 * ```
 */
export const maxPool: Op<PoolAttrs> = op<PoolAttrs>({
  name: 'maxPool',
  arity: [1, 1],
  defaults: poolDefaults,
  infer: ([x], attrs) => poolShape('maxPool', x!, attrs),
  reference: ([x], attrs) => pool('maxPool', x!, attrs, -Infinity, Math.max, (most) => most),
  roundings: () => 0,
});
