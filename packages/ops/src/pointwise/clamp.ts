// clamp: each element held between two bounds; NaN travels.
import { op, toDense, type Op } from '@lacuna/ir';
import { equal } from '../products/backward.js';
import { multiply } from './multiply.js';
import { refuse } from '../shapes.js';

/** Attributes of {@link clamp}. */
export interface ClampAttrs {
  readonly least: number;
  readonly most: number;
}

/**
 * `clamp(x, { least, most })`, the shape of x.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { clamp } from '@lacuna/ops';
 * clamp.spec.reference([assemble(dense(), [3], [-4, 0, 4])], { least: -1, most: 1 }); // Float64Array [-1, 0, 1]
 * ```
 */
export const clamp: Op<ClampAttrs> = op<ClampAttrs>({
  name: 'clamp',
  arity: [1, 1],
  defaults: { least: -Infinity, most: Infinity },
  infer([x], { least, most }) {
    if (!(least <= most))
      refuse('clamp', `least ${least} and most ${most}`, 'write a least that is at most most');
    return x!;
  },
  reference: ([x], { least, most }) =>
    Float64Array.from(toDense(x!), (v) => Math.min(Math.max(v, least), most)),
  roundings: () => 1,
  pointwise: true,
  gradient: {
    rule: (scope) => [
      scope.apply(multiply, [scope.dy, equal(scope, scope.inputs[0]!, scope.output)]),
    ],
  },
});
