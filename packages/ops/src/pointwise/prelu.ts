// prelu: x where it is positive, alpha·x where it is not.
import { op, toDense, type NodeId, type Op } from '@lacuna/ir';
import { slopeOf } from '../products/backward.js';
import { multiply } from './multiply.js';
import { relu } from './relu.js';
import { subtract } from './subtract.js';
import { broadcastShapes, stretch } from './broadcast.js';
import { refuse, show } from '../shapes.js';

/**
 * `prelu(x, alpha)`, the shape of x, to which alpha is stretched.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { prelu } from '@lacuna/ops';
 * const [x, alpha] = [assemble(dense(), [2], [-4, 4]), assemble(dense(), [1], [0.25])];
 * prelu.spec.reference([x, alpha], {}); // Float64Array [-1, 4]
 * ```
 */
export const prelu: Op = op({
  name: 'prelu',
  arity: [2, 2],
  defaults: {},
  infer([x, alpha]) {
    const shape = broadcastShapes('prelu', [x!, alpha!]);
    if (shape.length !== x!.length || shape.some((extent, dim) => extent !== x![dim]))
      refuse(
        'prelu',
        `x ${show(x!)} and a larger alpha ${show(alpha!)}`,
        'write an alpha that stretches to x',
      );
    return x!;
  },
  reference([x, alpha]) {
    const slope = stretch(alpha!, x!.shape);
    return Float64Array.from(toDense(x!), (v, at) => (v < 0 ? v * slope[at]! : v));
  },
  roundings: () => 1,
  pointwise: true,
  zeroToZero: true,
  gradient: {
    rule: (scope) => {
      const { apply, inputs, dy, wants } = scope;
      const below = (): NodeId => apply(subtract, [inputs[0], apply(relu, [inputs[0]])]);
      return [
        wants(0) ? apply(multiply, [dy, slopeOf(scope, inputs[1]!)]) : undefined,
        wants(1) ? apply(multiply, [dy, below()]) : undefined,
      ];
    },
  },
});
