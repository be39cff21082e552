// averagePool: the mean of the pixels in each window, padding not counted, as TensorFlow has it.
import { op, type Op } from '@lacuna/ir';
import { broadcast } from '../pointwise/broadcastto.js';
import { conv2d } from '../products/conv2d.js';
import { convTranspose2d } from '../products/convtranspose2d.js';
import { divide } from '../pointwise/divide.js';
import { reshape } from '../moves/reshape.js';
import { rest } from '../products/window.js';
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
  gradient: {
    // Each window gives dy over its count of pixels to each of them.
    rule({ apply, dy, inputs, shapeOf, number }, attrs) {
      const slide = { ...attrs, dilation: [1, 1] as const };
      const { size, ...sliding } = slide;
      const [x, y] = [shapeOf(inputs[0]!), shapeOf(dy)];
      const window = apply(broadcast, [number(1)], { shape: [1, 1, ...size] });
      const image = apply(broadcast, [number(1)], { shape: [1, 1, x[2]!, x[3]!] });
      const counts = apply(conv2d, [image, window], sliding);
      const planes = apply(reshape, [apply(divide, [dy, counts])], {
        shape: [y[0]! * y[1]!, 1, y[2]!, y[3]!],
      });
      const outputPadding = rest(x, y, slide);
      const dx = apply(convTranspose2d, [planes, window], { ...sliding, outputPadding });
      return [apply(reshape, [dx], { shape: [...x] })];
    },
  },
});
