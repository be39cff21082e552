// add: the sum of any number of tensors, stretched to one shape.
import { op, type Op } from '@lacuna/ir';
import { broadcastShapes, stretch } from './broadcast.js';

/**
 * `add(a, b, …)` with NumPy's broadcasting.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { add } from '@lacuna/ops';
 * const [a, b] = [assemble(dense(), [2], [1, 2]), assemble(dense(), [1], [10])];
 * add.spec.reference([a, b], {}); // Float64Array [11, 12]
 * ```
 */
export const add: Op = op({
  name: 'add',
  arity: [1, Infinity],
  defaults: {},
  infer: (shapes) =>
    broadcastShapes(
      'add',
      shapes.map((shape) => shape!),
    ),
  reference(inputs) {
    const shape = broadcastShapes(
      'add',
      inputs.map((x) => x!.shape),
    );
    const [first, ...others] = inputs.map((x) => stretch(x!, shape));
    const sum = first!;
    for (const other of others) for (let at = 0; at < sum.length; at++) sum[at]! += other[at]!;
    return sum;
  },
  roundings: (shapes) => shapes.length - 1,
  pointwise: true,
  gradient: { rule: ({ inputs, dy }) => inputs.map(() => dy) },
});
