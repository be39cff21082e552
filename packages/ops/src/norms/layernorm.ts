// layerNorm: rows with mean 0 and variance 1, times a gain, plus a bias (Ba et al., 2016).
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
 * `layerNorm(x, gain?, bias?, { dims, epsilon })`, the shape of x; gain and bias have the shape of its last `dims` dimensions.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { layerNorm } from '@lacuna/ops';
 * layerNorm.spec.reference([assemble(dense(), [1, 2], [1, 3])], { dims: 1, epsilon: 0 }); // Float64Array [-1, 1]
 * ```
 */
export const layerNorm: Op<NormAttrs> = op<NormAttrs>({
  name: 'layerNorm',
  arity: [1, 3],
  defaults: { dims: 1, epsilon: 1e-5 },
  infer: ([x, gain, bias], attrs) => normShape('layerNorm', x!, { gain, bias }, attrs),
  reference: (inputs, attrs) => normalise(inputs, attrs, true),
  magnitudes: (inputs, attrs) => normMagnitudes(inputs, attrs, true),
  roundings: ([x], attrs) => normRoundings(x!, attrs),
  gradient: { rule: (scope, attrs) => normGradient(scope, attrs, true) },
});
