// leakyRelu: x where it is positive, a fixed share of it where it is not.
import { op, toDense, type Op } from '@lacuna/ir';
import { multiply } from './multiply.js';
import { slopeOf } from '../products/backward.js';

/** Attributes of {@link leakyRelu}. */
export interface LeakyReluAttrs {
  /** The slope left of zero. */
  readonly slope: number;
}

/**
 * `leakyRelu(x, { slope })`, the shape of x.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { leakyRelu } from '@lacuna/ops';
 * leakyRelu.spec.reference([assemble(dense(), [2], [-4, 4])], { slope: 0.25 }); // Float64Array [-1, 4]
 * ```
 */
export const leakyRelu: Op<LeakyReluAttrs> = op<LeakyReluAttrs>({
  name: 'leakyRelu',
  arity: [1, 1],
  defaults: { slope: 0.01 },
  infer: ([x]) => x!,
  reference: ([x], { slope }) => Float64Array.from(toDense(x!), (v) => (v < 0 ? slope * v : v)),
  magnitudes: ([x], { slope }) =>
    Float64Array.from(toDense(x!), (v) => Math.abs(v) * Math.max(1, Math.abs(slope))),
  roundings: () => 2,
  pointwise: true,
  zeroToZero: true,
  gradient: {
    rule: (scope, { slope }) => [
      scope.apply(multiply, [scope.dy, slopeOf(scope, scope.number(slope))]),
    ],
  },
});
