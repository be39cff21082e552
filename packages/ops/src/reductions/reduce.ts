// What reductions share: which dimensions go, and sums over them.
import { sizeOf, stridesOf, toDense, type Shape, type Tensor } from '@lacuna/ir';
import { axisOf, refuse, show } from '../shapes.js';

/** The dimensions that a reduction goes over, each once; −1 is the last. `[]` is none of them. */
export type Axes = 'all' | readonly number[];

/**
 * The dimensions of a shape that are reduced, counted from the front.
 *
 * @throws SparseError `shape` for an axis that the shape has not, or that is named twice.
 * @example
 * ```ts
 * import { reducedDims } from '@lacuna/ops';
 * reducedDims('sum', [2, 3, 4], [-1]); // Set { 2 }
 * reducedDims('sum', [2, 3, 4], 'all'); // Set { 0, 1, 2 }
 * ```
 */
export function reducedDims(op: string, shape: Shape, axes: Axes): ReadonlySet<number> {
  if (axes === 'all') return new Set(shape.keys());
  const given: unknown = axes;
  if (!Array.isArray(given))
    refuse(op, `axes ${JSON.stringify(axes)}`, "write a list, axes: [0], or 'all'");
  const over = new Set(axes.map((axis) => axisOf(op, axis, shape)));
  if (over.size !== axes.length)
    refuse(op, `axes ${show(axes)} of x ${show(shape)}`, 'name each axis once');
  return over;
}

/** The shape with an extent of 1 where it is reduced. */
export function keptShape(op: string, shape: Shape, axes: Axes): number[] {
  const over = reducedDims(op, shape, axes);
  return shape.map((extent, dim) => (over.has(dim) ? 1 : extent));
}

/** The shape of a reduction over `axes`. */
export function reducedShape(op: string, shape: Shape, axes: Axes, keepDims: boolean): Shape {
  const over = reducedDims(op, shape, axes);
  return keepDims
    ? shape.map((extent, dim) => (over.has(dim) ? 1 : extent))
    : shape.filter((_, dim) => !over.has(dim));
}

/** The place in the reduced tensor of every element. */
export function placesIn(shape: Shape, kept: Shape): Int32Array {
  const [from, to] = [stridesOf(shape), stridesOf(kept)];
  return Int32Array.from({ length: sizeOf(shape) }, (_, at) => {
    let flat = 0;
    for (let dim = 0; dim < shape.length; dim++)
      if (kept[dim] !== 1) flat += (Math.floor(at / from[dim]!) % shape[dim]!) * to[dim]!;
    return flat;
  });
}

/** Sums over `axes`, in double precision. */
export function sumOver(op: string, x: Tensor, axes: Axes): Float64Array {
  const kept = keptShape(op, x.shape, axes);
  const places = placesIn(x.shape, kept);
  const sums = new Float64Array(sizeOf(kept));
  toDense(x).forEach((v, at) => (sums[places[at]!]! += v));
  return sums;
}
