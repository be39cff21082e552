// gather: along an axis, the elements that indices name (NumPy's take_along_axis).
//
//   y[…, j, …] = x[…, indices[…, j, …], …]
import { op, sizeOf, toDense, type Op, type Shape } from '@lacuna/ir';
import { broadcast } from '../pointwise/broadcastto.js';
import { linesOf, type Lines } from '../reductions/lines.js';
import { indexOf } from './lookup.js';
import { scatterAdd } from './scatteradd.js';
import { axisOf, refuse, show } from '../shapes.js';

/** Attributes of {@link gather}. */
export interface GatherAttrs {
  /** The dimension that indices count along; −1 is the last. */
  readonly axis: number;
  /** What an index outside x gives. */
  readonly missing: number;
}

/** Refuses indices that differ from x in more than the extent along the axis. */
export function checkIndices(op: string, x: Shape, indices: Shape, axis: number): void {
  const along = axisOf(op, axis, x);
  if (indices.length !== x.length || indices.some((e, dim) => dim !== along && e !== x[dim]))
    refuse(
      op,
      `x ${show(x)} and indices ${show(indices)} along axis ${axis}`,
      'write indices whose shape differs from that of x along that axis only',
    );
}

/** Calls `visit` for each index: its place, and the place of the element that it names, −1 for none. */
export function eachIndex(
  indices: ArrayLike<number>,
  { outer, extent, inner }: Lines,
  visit: (at: number, from: number) => void,
): void {
  const count = outer * inner === 0 ? 0 : indices.length / (outer * inner);
  for (let at = 0; at < indices.length; at++) {
    const o = Math.floor(at / (count * inner));
    const e = indexOf(indices[at]!, extent);
    visit(at, e < 0 ? -1 : (o * extent + e) * inner + (at % inner));
  }
}

/**
 * `gather(x, indices, { axis, missing })`, the shape of indices. Indices are whole numbers of any type; one
 * outside x gives `missing`, which is NaN unless it is set.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { gather } from '@lacuna/ops';
 * const [x, at] = [assemble(dense(), [3], [10, 20, 30]), assemble(dense(), [2], [2, 0])];
 * gather.spec.reference([x, at], { axis: 0, missing: NaN }); // Float64Array [30, 10]
 * ```
 */
export const gather: Op<GatherAttrs> = op<GatherAttrs>({
  name: 'gather',
  arity: [2, 2],
  defaults: { axis: -1, missing: NaN },
  infer([x, indices], { axis }) {
    checkIndices('gather', x!, indices!, axis);
    return indices!;
  },
  reference([x, indices], { axis, missing }) {
    const numbers = toDense(x!);
    const out = new Float64Array(sizeOf(indices!.shape));
    eachIndex(toDense(indices!), linesOf('gather', x!.shape, axis), (at, from) => {
      out[at] = from < 0 ? missing : numbers[from]!;
    });
    return out;
  },
  roundings: () => 0,
  magnitudes: (inputs, attrs) => gather.spec.reference(inputs, attrs).map((v) => Math.abs(v) || 0),
  gradient: {
    rule: ({ apply, dy, inputs, shapeOf, number }, { axis }) => {
      const zeros = apply(broadcast, [number(0)], { shape: [...shapeOf(inputs[0]!)] });
      return [apply(scatterAdd, [zeros, inputs[1], dy], { axis }), undefined];
    },
  },
});
