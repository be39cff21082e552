// compress: the entries that are not zero, in a layout whose pattern is found at every run. The layout is the
// node's `emit.layout`; a plan keeps a room for the most entries that there can be.
import { op, toDense, type Op } from '@lacuna/ir';

/**
 * `compress(x)`, emitted into a layout. Plans put it after a value that is to be sparse; on its own it changes
 * nothing.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { compress } from '@lacuna/ops';
 * compress.spec.reference([assemble(dense(), [3], [0, 5, 0])], {}); // Float64Array [0, 5, 0]
 * ```
 */
export const compress: Op = op({
  name: 'compress',
  arity: [1, 1],
  defaults: {},
  infer: ([x]) => x!,
  reference: ([x]) => Float64Array.from(toDense(x!)),
  roundings: () => 0,
  zeroToZero: true,
  gradient: { rule: ({ dy }) => [dy] },
});
