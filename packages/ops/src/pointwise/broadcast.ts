// NumPy's broadcasting: shapes are aligned at their last dimension, and an extent of 1 stretches.
import { stridesOf, toDense, type Shape, type Tensor } from '@lacuna/ir';
import { refuse, show } from '../shapes.js';
import { strided } from '../moves/strided.js';

/**
 * The shape that all of `shapes` stretch to.
 *
 * @throws SparseError `shape` where two extents differ and neither is 1.
 * @example
 * ```ts
 * broadcastShapes('add', [[4, 1], [3]]); // [4, 3]
 * ```
 */
export function broadcastShapes(op: string, shapes: readonly Shape[]): Shape {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, dim) => {
    const extents = shapes.map((shape) => shape[dim - rank + shape.length] ?? 1);
    const extent = extents.find((e) => e !== 1) ?? 1;
    if (extents.some((e) => e !== 1 && e !== extent))
      refuse(
        op,
        shapes.map(show).join(' and '),
        'write shapes whose extents, from the last on, are equal or 1',
      );
    return extent;
  });
}

/** The numbers of a tensor, stretched to a shape. */
export function stretch(tensor: Tensor, shape: Shape): Float64Array {
  const strides = stridesOf(tensor.shape);
  const lead = shape.length - tensor.shape.length;
  const steps = shape.map((_, dim) =>
    dim < lead || tensor.shape[dim - lead] === 1 ? 0 : strides[dim - lead]!,
  );
  return strided(toDense(tensor), shape, steps);
}
