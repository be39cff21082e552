// scatterAdd: along an axis, updates added at the places that indices name.
//
//   y = x,  y[…, indices[…, j, …], …] += updates[…, j, …]
import { op, toDense, type Op } from '@lacuna/ir';
import { checkIndices, eachIndex, gather } from './gather.js';
import { linesOf } from '../reductions/lines.js';
import { axisOf, refuse, show } from '../shapes.js';

/** Attributes of {@link scatterAdd}. */
export interface ScatterAddAttrs {
  /** The dimension that indices count along; −1 is the last. */
  readonly axis: number;
}

/**
 * `scatterAdd(x, indices, updates, { axis })`, the shape of x; indices and updates have one shape. An index
 * outside x adds nothing.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { scatterAdd } from '@lacuna/ops';
 * const [x, at, more] = [[0, 0, 0], [2, 2], [1, 5]].map((n) => assemble(dense(), [n.length], n));
 * scatterAdd.spec.reference([x, at, more], { axis: 0 }); // Float64Array [0, 0, 6]
 * ```
 */
export const scatterAdd: Op<ScatterAddAttrs> = op<ScatterAddAttrs>({
  name: 'scatterAdd',
  arity: [3, 3],
  defaults: { axis: -1 },
  infer([x, indices, updates], { axis }) {
    checkIndices('scatterAdd', x!, indices!, axis);
    if (indices!.join() !== updates!.join())
      refuse(
        'scatterAdd',
        `indices ${show(indices!)} and updates ${show(updates!)}`,
        'write an update for each index',
      );
    return x!;
  },
  reference([x, indices, updates], { axis }) {
    const out = Float64Array.from(toDense(x!));
    const more = toDense(updates!);
    eachIndex(toDense(indices!), linesOf('scatterAdd', x!.shape, axis), (at, to) => {
      if (to >= 0) out[to]! += more[at]!;
    });
    return out;
  },
  roundings: ([x, indices], { axis }) => indices![axisOf('scatterAdd', axis, x!)]!,
  gradient: {
    rule: ({ apply, dy, inputs, wants }, { axis }) => [
      dy,
      undefined,
      wants(2) ? apply(gather, [dy, inputs[1]], { axis, missing: 0 }) : undefined,
    ],
  },
});
