// max: the largest element over some of the dimensions; NaN travels.
import { op, toDense, type Op } from '@lacuna/ir';
import { equal } from '../products/backward.js';
import { divide } from '../pointwise/divide.js';
import { multiply } from '../pointwise/multiply.js';
import { keptShape, placesIn, reducedShape } from './reduce.js';
import { reshape } from '../moves/reshape.js';
import { refuse, show } from '../shapes.js';
import { sum, type SumAttrs } from './sum.js';

/**
 * `max(x, { axes, keepDims })`; `max(x)` is one number.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { max } from '@lacuna/ops';
 * const x = assemble(dense(), [2, 2], [1, 2, 3, 4]);
 * max.spec.reference([x], { axes: [1], keepDims: false }); // Float64Array [2, 4]
 * ```
 */
export const max: Op<SumAttrs> = op<SumAttrs>({
  name: 'max',
  arity: [1, 1],
  defaults: { axes: 'all', keepDims: false },
  infer([x], { axes, keepDims }) {
    const kept = keptShape('max', x!, axes);
    if (x!.some((extent, dim) => extent === 0 && kept[dim] === 1))
      refuse(
        'max',
        `x ${show(x!)} and axes ${JSON.stringify(axes)}`,
        'of no elements none is the largest',
      );
    return reducedShape('max', x!, axes, keepDims);
  },
  reference([x], { axes }) {
    const kept = keptShape('max', x!.shape, axes);
    const places = placesIn(x!.shape, kept);
    const most = new Float64Array(kept.reduce((a, b) => a * b, 1)).fill(-Infinity);
    toDense(x!).forEach((v, at) => (most[places[at]!] = Math.max(most[places[at]!]!, v)));
    return most;
  },
  roundings: () => 0,
  gradient: {
    // Shared evenly by those that are the largest.
    rule(scope, { axes }) {
      const { apply, dy, inputs, output, shapeOf } = scope;
      const kept = keptShape('max', shapeOf(inputs[0]!), axes);
      const [y, g] = [output, dy].map((id) => apply(reshape, [id], { shape: kept }));
      const mask = equal(scope, inputs[0]!, y!);
      const count = apply(sum, [mask], { axes, keepDims: true });
      return [apply(multiply, [mask, apply(divide, [g, count])])];
    },
  },
});
