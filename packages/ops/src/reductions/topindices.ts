// topIndices: where the largest elements along an axis are, the largest first; of equals, the first. NaN counts
// as the largest.
import { op, toDense, type Op } from '@lacuna/ir';
import { linesOf, eachLine } from './lines.js';
import { axisOf, refuse, show } from '../shapes.js';

/** Attributes of {@link topIndices}. */
export interface TopIndicesAttrs {
  readonly k: number;
  /** The dimension that is searched; −1 is the last. */
  readonly axis: number;
}

/** Why indices have no gradient. */
export const wholeNumbers = 'it gives places, which stay when numbers move a little, and then jump';

/** Whether a comes before b. */
const before = (a: number, b: number): boolean => a > b || (a !== a && b === b);

/**
 * `topIndices(x, { k, axis })`: the shape of x with an extent of k along the axis.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { topIndices } from '@lacuna/ops';
 * topIndices.spec.reference([assemble(dense(), [3], [5, 9, 7])], { k: 2, axis: 0 }); // Float64Array [1, 2]
 * ```
 */
export const topIndices: Op<TopIndicesAttrs> = op<TopIndicesAttrs>({
  name: 'topIndices',
  arity: [1, 1],
  defaults: { k: 1, axis: -1 },
  infer([x], { k, axis }) {
    const along = axisOf('topIndices', axis, x!);
    if (!(Number.isInteger(k) && k >= 0 && k <= x![along]!))
      refuse(
        'topIndices',
        `x ${show(x!)} and k ${k} along axis ${axis}`,
        `write a k in 0..${x![along]}`,
      );
    return x!.with(along, k);
  },
  reference([x], { k, axis }) {
    const lines = linesOf('topIndices', x!.shape, axis);
    const numbers = toDense(x!);
    const out = new Float64Array(lines.outer * k * lines.inner);
    eachLine(lines, (start) => {
      const line = Array.from(
        { length: lines.extent },
        (_, e) => numbers[start + e * lines.inner]!,
      );
      const order = line.map((_, e) => e);
      order.sort((a, b) => {
        if (before(line[a]!, line[b]!)) return -1;
        return before(line[b]!, line[a]!) ? 1 : a - b;
      });
      const i = start % lines.inner;
      const o = Math.floor(start / (lines.extent * lines.inner));
      for (let e = 0; e < k; e++) out[(o * k + e) * lines.inner + i] = order[e]!;
    });
    return out;
  },
  magnitudes: ([x], attrs) =>
    new Float64Array(topIndices.spec.infer([x!.shape], attrs).reduce((a, b) => a * b, 1)),
  roundings: () => 0,
  gradient: { none: wholeNumbers },
});
