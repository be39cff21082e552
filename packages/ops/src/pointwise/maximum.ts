// maximum: the larger of two elements, stretched to one shape; NaN travels.
import { op, type NodeId, type Op } from '@lacuna/ir';
import { broadcastShapes, stretch } from './broadcast.js';
import { add } from './add.js';
import { multiply } from './multiply.js';
import { scale } from './scale.js';
import { sign } from './sign.js';
import { subtract } from './subtract.js';

/**
 * `maximum(a, b)` with NumPy's broadcasting.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { maximum } from '@lacuna/ops';
 * const [a, b] = [assemble(dense(), [2], [1, 9]), assemble(dense(), [1], [3])];
 * maximum.spec.reference([a, b], {}); // Float64Array [3, 9]
 * ```
 */
export const maximum: Op = op({
  name: 'maximum',
  arity: [2, 2],
  defaults: {},
  infer: ([a, b]) => broadcastShapes('maximum', [a!, b!]),
  reference([a, b]) {
    const shape = broadcastShapes('maximum', [a!.shape, b!.shape]);
    const other = stretch(b!, shape);
    return stretch(a!, shape).map((x, at) => Math.max(x, other[at]!));
  },
  roundings: () => 0,
  pointwise: true,
  gradient: {
    rule: (scope) => {
      // Each side has what it gave; of equals, half.
      const side = scope.apply(sign, [scope.apply(subtract, scope.inputs)]);
      const share = (factor: number): NodeId => {
        const half = scope.apply(scale, [side], { factor });
        return scope.apply(multiply, [scope.dy, scope.apply(add, [half, scope.number(0.5)])]);
      };
      return [share(0.5), share(-0.5)];
    },
  },
});
