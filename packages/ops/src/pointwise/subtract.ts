// subtract: a − b, stretched to one shape.
import { op, type Op } from '@lacuna/ir';
import { broadcastShapes, stretch } from './broadcast.js';
import { scale } from './scale.js';

/**
 * `subtract(a, b)` with NumPy's broadcasting.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { subtract } from '@lacuna/ops';
 * const [a, b] = [assemble(dense(), [2], [5, 7]), assemble(dense(), [1], [2])];
 * subtract.spec.reference([a, b], {}); // Float64Array [3, 5]
 * ```
 */
export const subtract: Op = op({
  name: 'subtract',
  arity: [2, 2],
  defaults: {},
  infer: ([a, b]) => broadcastShapes('subtract', [a!, b!]),
  reference([a, b]) {
    const shape = broadcastShapes('subtract', [a!.shape, b!.shape]);
    const other = stretch(b!, shape);
    return stretch(a!, shape).map((x, at) => x - other[at]!);
  },
  roundings: () => 1,
  pointwise: true,
  gradient: { rule: ({ apply, dy }) => [dy, apply(scale, [dy], { factor: -1 })] },
});
