// stopGradient: the same numbers, through which no gradient flows: what is before it is a constant to what is after.
import { op, toDense, type Op } from '@lacuna/ir';

/**
 * `stopGradient(x)`: x itself; its gradient is zero, though its slope is one.
 *
 * @example
 * ```ts
 * import { createEngine, gradients, multiply, stopGradient, sum, wasm } from '@lacuna/lacuna';
 * const engine = await createEngine(wasm());
 * const slope = engine.compile((x) => gradients(sum(multiply(x, stopGradient(x))), [x])[0]!);
 * await slope(engine.tensor([3, 4], [2])).read(); // Float32Array [3, 4]
 * engine.dispose();
 * ```
 */
export const stopGradient: Op = op({
  name: 'stopGradient',
  arity: [1, 1],
  defaults: {},
  infer: ([x]) => x!,
  reference: ([x]) => Float64Array.from(toDense(x!)),
  roundings: () => 0,
  pointwise: true,
  zeroToZero: true,
  view: () => true,
  gradient: { rule: () => [undefined], none: 'it is there to stop gradients' },
});
