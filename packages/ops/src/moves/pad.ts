// pad: a border around a tensor, filled with one value.
import { op, sizeOf, stridesOf, toDense, type Op } from '@lacuna/ir';
import { slice } from './slice.js';
import { checkWhole, refuse, show } from '../shapes.js';

/** Attributes of {@link pad}. */
export interface PadAttrs {
  /** `[before, after]` for each dimension. */
  readonly padding: readonly (readonly [number, number])[];
  readonly value: number;
}

/**
 * `pad(x, { padding: [[before, after], …], value })`.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { pad } from '@lacuna/ops';
 * pad.spec.reference([assemble(dense(), [1], [5])], { padding: [[1, 2]], value: 0 }); // Float64Array [0, 5, 0, 0]
 * ```
 */
export const pad: Op<PadAttrs> = op<PadAttrs>({
  name: 'pad',
  arity: [1, 1],
  defaults: { padding: [], value: 0 },
  infer([x], { padding }) {
    if (padding.length !== x!.length)
      refuse(
        'pad',
        `x ${show(x!)} and padding for ${padding.length} dimensions`,
        'write [before, after] for each dimension of x',
      );
    for (const pair of padding) checkWhole('pad', 'padding', pair, ['before', 'after'], 0);
    return x!.map((extent, dim) => padding[dim]![0] + extent + padding[dim]![1]);
  },
  reference([x], { padding, value }) {
    const shape = x!.shape.map((extent, dim) => padding[dim]![0] + extent + padding[dim]![1]);
    const out = new Float64Array(sizeOf(shape)).fill(value);
    const [from, to] = [stridesOf(x!.shape), stridesOf(shape)];
    toDense(x!).forEach((v, at) => {
      let flat = 0;
      for (let dim = 0; dim < from.length; dim++) {
        const c = Math.floor(at / from[dim]!) % x!.shape[dim]!;
        flat += (c + padding[dim]![0]) * to[dim]!;
      }
      out[flat] = v;
    });
    return out;
  },
  roundings: () => 0,
  linearAttrs: (attrs) => ({ ...attrs, value: Math.abs(attrs.value) }),
  gradient: {
    rule: ({ apply, dy, inputs, shapeOf }, { padding }) => [
      apply(slice, [dy], {
        begin: padding.map(([before]) => before),
        size: [...shapeOf(inputs[0]!)],
      }),
    ],
  },
});
