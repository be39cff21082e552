// sumTo: the sum over the dimensions along which a shape was stretched; what broadcasting is to values, this is
// to their gradients.
import { op, stridesOf, toDense, type Op } from '@lacuna/ir';
import { broadcast } from '../pointwise/broadcastto.js';
import { broadcastShapes } from '../pointwise/broadcast.js';
import { refuse, show } from '../shapes.js';

/** Attributes of {@link sumTo}. */
export interface SumToAttrs {
  /** The shape before stretching. */
  readonly shape: readonly number[];
}

/**
 * `sumTo(x, { shape })`.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { sumTo } from '@lacuna/ops';
 * sumTo.spec.reference([assemble(dense(), [2, 2], [1, 2, 3, 4])], { shape: [2] }); // Float64Array [4, 6]
 * ```
 */
export const sumTo: Op<SumToAttrs> = op<SumToAttrs>({
  name: 'sumTo',
  arity: [1, 1],
  defaults: { shape: [] },
  infer([x], { shape }) {
    if (broadcastShapes('sumTo', [x!, shape]).join() !== x!.join())
      refuse(
        'sumTo',
        `x ${show(x!)} and the shape ${show(shape)}`,
        'write a shape that stretches to x',
      );
    return shape;
  },
  reference([x], { shape }) {
    const out = new Float64Array(shape.reduce((a, b) => a * b, 1));
    const numbers = toDense(x!);
    const [from, to] = [stridesOf(x!.shape), stridesOf(shape)];
    const lead = x!.shape.length - shape.length;
    for (let at = 0; at < numbers.length; at++) {
      let place = 0;
      for (let dim = 0; dim < shape.length; dim++) {
        if (shape[dim] !== 1)
          place += (Math.floor(at / from[dim + lead]!) % shape[dim]!) * to[dim]!;
      }
      out[place]! += numbers[at]!;
    }
    return out;
  },
  roundings: ([x], { shape }) =>
    x!.reduce((a, b) => a * b, 1) /
    Math.max(
      1,
      shape.reduce((a, b) => a * b, 1),
    ),
  gradient: {
    rule: ({ apply, dy, inputs, shapeOf }) => [
      apply(broadcast, [dy], { shape: [...shapeOf(inputs[0]!)] }),
    ],
  },
});
