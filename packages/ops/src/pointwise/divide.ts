// divide: a / b, stretched to one shape.
import { op, type NodeId, type Op } from '@lacuna/ir';
import { broadcastShapes, stretch } from './broadcast.js';
import { multiply } from './multiply.js';
import { scale } from './scale.js';

/**
 * `divide(a, b)` with NumPy's broadcasting.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { divide } from '@lacuna/ops';
 * const [a, b] = [assemble(dense(), [2], [6, 9]), assemble(dense(), [1], [3])];
 * divide.spec.reference([a, b], {}); // Float64Array [2, 3]
 * ```
 */
export const divide: Op = op({
  name: 'divide',
  arity: [2, 2],
  defaults: {},
  infer: ([a, b]) => broadcastShapes('divide', [a!, b!]),
  reference([a, b]) {
    const shape = broadcastShapes('divide', [a!.shape, b!.shape]);
    const other = stretch(b!, shape);
    return stretch(a!, shape).map((x, at) => x / other[at]!);
  },
  roundings: () => 1,
  pointwise: true,
  gradient: {
    rule: ({ apply, inputs, output, dy, wants }) => {
      const da = apply(divide, [dy, inputs[1]]);
      const db = (): NodeId => apply(scale, [apply(multiply, [da, output])], { factor: -1 });
      return [da, wants(1) ? db() : undefined];
    },
  },
});
