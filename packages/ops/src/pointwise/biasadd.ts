// biasAdd: one number added to each plane along an axis.
import { op, toDense, type Op } from '@lacuna/ir';
import { sum } from '../reductions/sum.js';
import { axisOf, refuse, show } from '../shapes.js';
import { strided } from '../moves/strided.js';

/** Attributes of {@link biasAdd}. */
export interface BiasAddAttrs {
  /** The dimension that the bias runs along; −1 is the last. */
  readonly axis: number;
}

/**
 * `biasAdd(x, b [extent of x along axis])`, the shape of x.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { biasAdd } from '@lacuna/ops';
 * const [x, b] = [assemble(dense(), [1, 2], [1, 2]), assemble(dense(), [2], [10, 20])];
 * biasAdd.spec.reference([x, b], { axis: 1 }); // Float64Array [11, 22]
 * ```
 */
export const biasAdd: Op<BiasAddAttrs> = op<BiasAddAttrs>({
  name: 'biasAdd',
  arity: [2, 2],
  defaults: { axis: 1 },
  infer([x, b], { axis }) {
    const extent = x![axisOf('biasAdd', axis, x!)]!;
    if (b!.length !== 1 || b![0] !== extent)
      refuse(
        'biasAdd',
        `x ${show(x!)} and b ${show(b!)} along axis ${axis}`,
        `write b as [${extent}]`,
      );
    return x!;
  },
  reference([x, b], { axis }) {
    const along = axisOf('biasAdd', axis, x!.shape);
    const steps = x!.shape.map((_, dim) => Number(dim === along));
    const numbers = toDense(x!);
    return strided(toDense(b!), x!.shape, steps).map((bias, at) => numbers[at]! + bias);
  },
  roundings: () => 1,
  gradient: {
    rule: ({ apply, dy, inputs, shapeOf, wants }, { axis }) => {
      const x = shapeOf(inputs[0]!);
      const along = axisOf('biasAdd', axis, x);
      const axes = x.map((_, dim) => dim).filter((dim) => dim !== along);
      return [dy, wants(1) ? apply(sum, [dy], { axes }) : undefined];
    },
  },
});
