// reshape: the same numbers in the same row-major order, under another shape.
import { op, sizeOf, toDense, type Op } from '@lacuna/ir';
import { refuse, show } from '../shapes.js';

/** Attributes of {@link reshape}. */
export interface ReshapeAttrs {
  /** The new shape; one extent may be −1: whatever is left. */
  readonly shape: readonly number[];
}

/**
 * `reshape(x, { shape })`.
 *
 * @example
 * ```ts
 * import { reshape } from '@lacuna/ops';
 * reshape.spec.infer([[4, 6]], { shape: [3, -1] }); // [3, 8]
 * ```
 */
export const reshape: Op<ReshapeAttrs> = op<ReshapeAttrs>({
  name: 'reshape',
  arity: [1, 1],
  defaults: { shape: [-1] },
  infer([x], { shape }) {
    const known = sizeOf(shape.filter((extent) => extent !== -1));
    const free = shape.filter((extent) => extent === -1).length;
    const size = sizeOf(x!);
    const rest = free ? size / known : 1;
    const whole = [...shape, rest].every((e) => Number.isSafeInteger(e) && e >= -1);
    if (free > 1 || !whole || known * rest !== size)
      refuse(
        'reshape',
        `x ${show(x!)} and the shape ${show(shape)}`,
        `write a shape of ${size} elements, with at most one -1`,
      );
    return shape.map((extent) => (extent === -1 ? rest : extent));
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
