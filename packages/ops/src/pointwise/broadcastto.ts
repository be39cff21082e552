// broadcast: a tensor stretched to a shape.
import { op, sizeOf, type Op } from '@lacuna/ir';
import { broadcastShapes, stretch } from './broadcast.js';
import { refuse, show } from '../shapes.js';
import { sumTo } from '../reductions/sumto.js';

/** Attributes of {@link broadcast}. */
export interface BroadcastAttrs {
  readonly shape: readonly number[];
}

/**
 * `broadcast(x, { shape })` by NumPy's rule.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { broadcast } from '@lacuna/ops';
 * broadcast.spec.reference([assemble(dense(), [2], [1, 2])], { shape: [2, 2] }); // Float64Array [1, 2, 1, 2]
 * ```
 */
export const broadcast: Op<BroadcastAttrs> = op<BroadcastAttrs>({
  name: 'broadcast',
  arity: [1, 1],
  defaults: { shape: [] },
  infer([x], { shape }) {
    if (broadcastShapes('broadcast', [x!, shape]).join() !== shape.join())
      refuse(
        'broadcast',
        `x ${show(x!)} and the shape ${show(shape)}`,
        'write a shape that x stretches to',
      );
    return shape;
  },
  reference: ([x], { shape }) => stretch(x!, shape),
  roundings: () => 0,
  view: ([x], { shape }) => sizeOf(x!) === sizeOf(shape),
  gradient: {
    rule: ({ apply, dy, inputs, shapeOf }) => [
      apply(sumTo, [dy], { shape: [...shapeOf(inputs[0]!)] }),
    ],
  },
});
