// multiply: the product of two tensors, element by element, stretched to one shape.
import { op, type Op } from '@lacuna/ir';
import { broadcastShapes, stretch } from './broadcast.js';

/**
 * `multiply(a, b)` with NumPy's broadcasting.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { multiply } from '@lacuna/ops';
 * const [a, b] = [assemble(dense(), [2], [1, 2]), assemble(dense(), [1], [10])];
 * multiply.spec.reference([a, b], {}); // Float64Array [10, 20]
 * ```
 */
export const multiply: Op = op({
  name: 'multiply',
  arity: [2, 2],
  defaults: {},
  infer: ([a, b]) => broadcastShapes('multiply', [a!, b!]),
  reference([a, b]) {
    const shape = broadcastShapes('multiply', [a!.shape, b!.shape]);
    const other = stretch(b!, shape);
    return stretch(a!, shape).map((x, at) => x * other[at]!);
  },
  roundings: () => 1,
  pointwise: true,
  zeroToZero: true,
  gradient: {
    rule: ({ apply, inputs, dy }) => [
      apply(multiply, [dy, inputs[1]]),
      apply(multiply, [dy, inputs[0]]),
    ],
  },
});
