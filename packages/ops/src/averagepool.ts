// averagePool: the mean of the pixels in each window, padding not counted, as TensorFlow has it.
import { op, type Op } from '@lacuna/ir';
import { pool, poolDefaults, poolShape, type PoolAttrs } from './pool.js';

/**
 * `averagePool(x [B, C, H, W], { size, stride, padding })` → `[B, C, H', W']`.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { averagePool } from '@lacuna/ops';
 * const x = assemble(dense(), [1, 1, 2, 2], [1, 2, 3, 4]);
 * averagePool.spec.reference([x], { size: [2, 2], stride: [2, 2], padding: [1, 1, 1, 1] }); // Float64Array [1, 2, 3, 4]
 * ```
 */
export const averagePool: Op<PoolAttrs> = op<PoolAttrs>({
  name: 'averagePool',
  arity: [1, 1],
  defaults: poolDefaults,
  infer: ([x], attrs) => poolShape('averagePool', x!, attrs),
  reference: ([x], attrs) =>
    pool(
      'averagePool',
      x!,
      attrs,
      0,
      (sum, pixel) => sum + pixel,
      (sum, count) => sum / count,
    ),
  // A kernel may multiply by the rounded reciprocal of the count: two roundings beside the sum's.
  roundings: (_, { size }) => size[0] * size[1] + 2,
});
