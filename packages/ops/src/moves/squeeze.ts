// squeeze: the same numbers without dimensions of extent 1.
import { op, toDense, type Op } from '@lacuna/ir';
import { reshape } from './reshape.js';
import { axisOf, refuse, show } from '../shapes.js';

/** Attributes of {@link squeeze}. */
export interface SqueezeAttrs {
  /** The dimensions to drop, −1 being the last; none named: all of extent 1. */
  readonly axes: readonly number[];
}

/**
 * `squeeze(x, { axes })`.
 *
 * @example
 * ```ts
 * import { squeeze } from '@lacuna/ops';
 * squeeze.spec.infer([[1, 3, 1]], { axes: [0] }); // [3, 1]
 * ```
 */
export const squeeze: Op<SqueezeAttrs> = op<SqueezeAttrs>({
  name: 'squeeze',
  arity: [1, 1],
  defaults: { axes: [] },
  infer([x], { axes }) {
    if (axes.length === 0) return x!.filter((extent) => extent !== 1);
    const dropped = new Set(axes.map((axis) => axisOf('squeeze', axis, x!)));
    for (const dim of dropped)
      if (x![dim] !== 1)
        refuse(
          'squeeze',
          `x ${show(x!)} and axes ${show(axes)}`,
          `leave axis ${dim} out: its extent is ${x![dim]}`,
        );
    return x!.filter((_, dim) => !dropped.has(dim));
  },
  reference: ([x]) => Float64Array.from(toDense(x!)),
  roundings: () => 0,
  view: () => true,
  gradient: {
    rule: ({ apply, dy, inputs, shapeOf }) => [
      apply(reshape, [dy], { shape: [...shapeOf(inputs[0]!)] }),
    ],
  },
});
