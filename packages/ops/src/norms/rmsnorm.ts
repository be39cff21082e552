// rmsNorm: rows over the root of their mean square, times a gain (Zhang & Sennrich, 2019).
import { op, type Op } from '@lacuna/ir';
import {
  normalise,
  normGradient,
  normMagnitudes,
  normRoundings,
  normShape,
  type NormAttrs,
} from './normalise.js';

/**
 * `rmsNorm(x, gain?, { dims, epsilon })`, the shape of x; the gain has the shape of its last `dims` dimensions.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { rmsNorm } from '@lacuna/ops';
 * rmsNorm.spec.reference([assemble(dense(), [1, 2], [2, 2])], { dims: 1, epsilon: 0 }); // Float64Array [1, 1]
 * ```
 */
export const rmsNorm: Op<NormAttrs> = op<NormAttrs>({
  name: 'rmsNorm',
  arity: [1, 2],
  defaults: { dims: 1, epsilon: 1e-5 },
  infer: ([x, gain], attrs) => normShape('rmsNorm', x!, { gain }, attrs),
  reference: (inputs, attrs) => normalise(inputs, attrs, false),
  magnitudes: (inputs, attrs) => normMagnitudes(inputs, attrs, false),
  roundings: ([x], attrs) => normRoundings(x!, attrs),
  gradient: { rule: (scope, attrs) => normGradient(scope, attrs, false) },
});
