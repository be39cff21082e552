// densify: the same numbers with every coordinate stored. Engines put it where a kernel wants a dense operand;
// `scatter` computes it for any layout.
import { op, toDense, type Op } from '@lacuna/ir';
import { restrict } from './restrict.js';

/**
 * `densify(x)`: x in the dense layout.
 *
 * @example
 * ```ts
 * import { assemble } from '@lacuna/ir';
 * import { csr } from '@lacuna/layouts';
 * import { densify } from '@lacuna/ops';
 * densify.spec.reference([assemble(csr, [1, 3], [0, 5, 0])], {}); // Float64Array [0, 5, 0]
 * ```
 */
export const densify: Op = op({
  name: 'densify',
  arity: [1, 1],
  defaults: {},
  infer: ([x]) => x!,
  reference: ([x]) => Float64Array.from(toDense(x!)),
  roundings: () => 0,
  pointwise: true,
  zeroToZero: true,
  gradient: { rule: ({ apply, dy }) => [apply(restrict, [dy])] },
});
