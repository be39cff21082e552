// poolIndices: where in its plane the largest pixel of each window lies; of equals, the first. With gather it
// is maxPool, with scatterAdd the gradient of that.
import { op, toDense, type Op } from '@lacuna/ir';
import { poolDefaults, poolShape, type PoolAttrs } from './pool.js';
import { wholeNumbers } from '../reductions/topindices.js';

/**
 * `poolIndices(x [B, C, H, W], { size, stride, padding })` → `[B, C, H', W']`, numbers in 0..H·W.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { poolIndices } from '@lacuna/ops';
 * const x = assemble(dense(), [1, 1, 2, 2], [1, 2, 4, 3]);
 * poolIndices.spec.reference([x], { size: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0] }); // Float64Array [2]
 * ```
 */
export const poolIndices: Op<PoolAttrs> = op<PoolAttrs>({
  name: 'poolIndices',
  arity: [1, 1],
  defaults: poolDefaults,
  infer: ([x], attrs) => poolShape('poolIndices', x!, attrs),
  reference([x], attrs) {
    const { size, stride, padding } = attrs;
    const [batch, channels, rows, columns] = poolShape('poolIndices', x!.shape, attrs);
    const [height, width] = [x!.shape[2]!, x!.shape[3]!];
    const numbers = toDense(x!);
    const out = new Float64Array(batch! * channels! * rows! * columns!);
    for (let at = 0; at < out.length; at++) {
      const plane = Math.floor(at / (rows! * columns!)) * height * width;
      const top = (Math.floor(at / columns!) % rows!) * stride[0] - padding[0];
      const left = (at % columns!) * stride[1] - padding[1];
      let found = -1;
      for (let i = Math.max(0, top); i < Math.min(height, top + size[0]); i++)
        for (let j = Math.max(0, left); j < Math.min(width, left + size[1]); j++) {
          const [v, most] = [numbers[plane + i * width + j]!, numbers[plane + found]!];
          if (found < 0 || v > most || (v !== v && most === most)) found = i * width + j;
        }
      out[at] = found;
    }
    return out;
  },
  magnitudes: ([x], attrs) =>
    new Float64Array(poolShape('poolIndices', x!.shape, attrs).reduce((a, b) => a * b, 1)),
  roundings: () => 0,
  gradient: { none: wholeNumbers },
});
