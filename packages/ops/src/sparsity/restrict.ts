// restrict: the numbers that a pattern has places for, in that pattern; the others are dropped. The pattern is
// the node's `emit.into`; `gather` computes it for any layout.
import { op, toDense, type Op } from '@lacuna/ir';
import { densify } from './densify.js';

/** `restrict(x)`, emitted into a pattern. Used by gradients; on its own it changes nothing. */
export const restrict: Op = op({
  name: 'restrict',
  arity: [1, 1],
  defaults: {},
  infer: ([x]) => x!,
  reference: ([x]) => Float64Array.from(toDense(x!)),
  roundings: () => 0,
  pointwise: true,
  zeroToZero: true,
  gradient: { rule: ({ apply, dy }) => [apply(densify, [dy])] },
});
