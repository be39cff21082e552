// What reductions share: which dimensions go, and sums over them.
import { sizeOf, stridesOf, toDense, type Shape, type Tensor } from '@lacuna/ir';
import { axisOf, refuse, show } from '../shapes.js';

/** The shape with an extent of 1 where it is reduced. */
export function keptShape(op: string, shape: Shape, axes: readonly number[]): number[] {
  const over = new Set(axes.map((axis) => axisOf(op, axis, shape)));
  if (over.size !== axes.length)
    refuse(op, `axes ${show(axes)} of x ${show(shape)}`, 'name each axis once');
  return shape.map((extent, dim) => (over.has(dim) ? 1 : extent));
}

/** The shape of a reduction over `axes`. */
export function reducedShape(
  op: string,
  shape: Shape,
  axes: readonly number[],
  keepDims: boolean,
): Shape {
  const kept = keptShape(op, shape, axes);
  const over = new Set(axes.map((axis) => axisOf(op, axis, shape)));
  return keepDims ? kept : kept.filter((_, dim) => !over.has(dim));
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
export function sumOver(op: string, x: Tensor, axes: readonly number[]): Float64Array {
  const kept = keptShape(op, x.shape, axes);
  const places = placesIn(x.shape, kept);
  const sums = new Float64Array(sizeOf(kept));
  toDense(x).forEach((v, at) => (sums[places[at]!]! += v));
  return sums;
}
