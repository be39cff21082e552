// argmax: where the largest element along an axis is.
import { op, type Op } from '@lacuna/ir';
import { axisOf, refuse, show } from '../shapes.js';
import { topIndices, wholeNumbers } from './topindices.js';

/** Attributes of {@link argmax}. */
export interface ArgmaxAttrs {
  /** The dimension that is searched; −1 is the last. */
  readonly axis: number;
  /** Keeps that dimension, with an extent of 1. */
  readonly keepDims: boolean;
}

/**
 * `argmax(x, { axis, keepDims })`; of equals, the first.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { argmax } from '@lacuna/ops';
 * argmax.spec.reference([assemble(dense(), [3], [5, 9, 7])], { axis: 0, keepDims: false }); // Float64Array [1]
 * ```
 */
export const argmax: Op<ArgmaxAttrs> = op<ArgmaxAttrs>({
  name: 'argmax',
  arity: [1, 1],
  defaults: { axis: -1, keepDims: false },
  infer([x], { axis, keepDims }) {
    const along = axisOf('argmax', axis, x!);
    if (x![along] === 0)
      refuse('argmax', `x ${show(x!)} along axis ${axis}`, 'of no elements none is the largest');
    return keepDims ? x!.with(along, 1) : x!.filter((_, dim) => dim !== along);
  },
  reference: ([x], { axis }) => topIndices.spec.reference([x], { k: 1, axis }),
  magnitudes: ([x], { axis }) => topIndices.spec.magnitudes!([x], { k: 1, axis }),
  roundings: () => 0,
  gradient: { none: wholeNumbers },
});
