// cumulativeSum: the sum of all elements up to each one, along an axis.
import { op, toDense, type Op } from '@lacuna/ir';
import { eachLine, linesOf } from './lines.js';
import { axisOf } from '../shapes.js';

/** Attributes of {@link cumulativeSum}. */
export interface CumulativeSumAttrs {
  /** The dimension that it runs along; −1 is the last. */
  readonly axis: number;
  /** From the last element to the first. */
  readonly reverse: boolean;
}

/**
 * `cumulativeSum(x, { axis, reverse })`, the shape of x.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { cumulativeSum } from '@lacuna/ops';
 * const x = assemble(dense(), [3], [1, 2, 3]);
 * cumulativeSum.spec.reference([x], { axis: 0, reverse: false }); // Float64Array [1, 3, 6]
 * ```
 */
export const cumulativeSum: Op<CumulativeSumAttrs> = op<CumulativeSumAttrs>({
  name: 'cumulativeSum',
  arity: [1, 1],
  defaults: { axis: -1, reverse: false },
  infer([x], { axis }) {
    axisOf('cumulativeSum', axis, x!);
    return x!;
  },
  reference([x], { axis, reverse }) {
    const lines = linesOf('cumulativeSum', x!.shape, axis);
    const out = Float64Array.from(toDense(x!));
    eachLine(lines, (start) => {
      let sum = 0;
      for (let k = 0; k < lines.extent; k++) {
        const at = start + (reverse ? lines.extent - 1 - k : k) * lines.inner;
        out[at] = sum += out[at]!;
      }
    });
    return out;
  },
  roundings: ([x], { axis }) => x![axisOf('cumulativeSum', axis, x!)]!,
  gradient: {
    rule: ({ apply, dy }, { axis, reverse }) => [
      apply(cumulativeSum, [dy], { axis, reverse: !reverse }),
    ],
  },
});
