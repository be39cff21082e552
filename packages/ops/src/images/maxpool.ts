// maxPool: the largest pixel of each window; padding is never the largest.
import { op, type Op, type Shape } from '@lacuna/ir';
import { broadcast } from '../pointwise/broadcastto.js';
import { poolIndices } from './poolindices.js';
import { reshape } from '../moves/reshape.js';
import { scatterAdd } from '../moves/scatteradd.js';
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
  gradient: {
    rule({ apply, dy, inputs, shapeOf, number }, attrs) {
      const [x, y] = [shapeOf(inputs[0]!), shapeOf(dy)];
      const planes = (shape: Shape): number[] => [shape[0]! * shape[1]!, shape[2]! * shape[3]!];
      const indices = apply(reshape, [apply(poolIndices, [inputs[0]], attrs)], {
        shape: planes(y),
      });
      const zeros = apply(broadcast, [number(0)], { shape: planes(x) });
      const given = apply(reshape, [dy], { shape: planes(y) });
      const dx = apply(scatterAdd, [zeros, indices, given], { axis: 1 });
      return [apply(reshape, [dx], { shape: [...x] })];
    },
  },
});
