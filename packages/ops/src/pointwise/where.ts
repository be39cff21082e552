// where: a where a condition holds, b elsewhere, stretched to one shape.
import { op, type Op } from '@lacuna/ir';
import { broadcastShapes, stretch } from './broadcast.js';
import { multiply } from './multiply.js';

/**
 * `where(condition, a, b)` with NumPy's broadcasting; a condition holds where it is not 0.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { where } from '@lacuna/ops';
 * const [c, a, b] = [[1, 0], [2, 2], [3, 3]].map((x) => assemble(dense(), [2], x));
 * where.spec.reference([c, a, b], {}); // Float64Array [2, 3]
 * ```
 */
export const where: Op = op({
  name: 'where',
  arity: [3, 3],
  defaults: {},
  infer: (shapes) =>
    broadcastShapes(
      'where',
      shapes.map((shape) => shape!),
    ),
  reference(inputs) {
    const shape = broadcastShapes(
      'where',
      inputs.map((x) => x!.shape),
    );
    const [condition, a, b] = inputs.map((x) => stretch(x!, shape));
    return condition!.map((c, at) => (c !== 0 ? a![at]! : b![at]!));
  },
  magnitudes(inputs) {
    return where.spec.reference(inputs, {}).map((v) => Math.abs(v));
  },
  roundings: () => 0,
  pointwise: true,
  typeOf: 1,
  gradient: {
    rule: ({ apply, inputs: [condition], dy, number }) => {
      const none = apply(multiply, [dy, number(0)]);
      return [undefined, apply(where, [condition, dy, none]), apply(where, [condition, none, dy])];
    },
  },
});
