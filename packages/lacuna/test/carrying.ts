// What layers of a network are worth in double precision, and how far single precision may be from it: the bound of
// each op, and what it makes of the errors that come in.
import { boundOf } from '@lacuna/testing';
import {
  assemble,
  dense,
  linear,
  toDense,
  type Op,
  type Shape,
  type Tensor,
} from '../src/index.js';

/** A value in double precision, and how far single precision may be from it. */
export interface Sure {
  readonly exact: Tensor;
  readonly error: Float64Array;
}

const exactly = (shape: Shape, values: ArrayLike<number>): Tensor =>
  assemble(dense, shape, values, { dtype: 'float64' });

/** A layer: its own bound, and |W| times the error of what it reads. */
export function afterLayer({ exact, error }: Sure, w: Tensor, bias?: Tensor): Sure {
  const { attrs, shape } = {
    attrs: linear.spec.defaults,
    shape: [...exact.shape.slice(0, -1), w.shape[0]!],
  };
  const own = boundOf(linear, [exact, w, bias], attrs, 'float32');
  const size = exactly(w.shape, toDense(w).map(Math.abs));
  const carried = linear.spec.reference([exactly(exact.shape, error), size], attrs);
  return {
    exact: exactly(shape, own.exact),
    error: own.tolerance.map((t, at) => 2 * t + carried[at]!),
  };
}

/** A function whose slope is nowhere above `steepest`. */
export function after<A extends object>(op: Op<A>, steepest: number, { exact, error }: Sure): Sure {
  const own = boundOf(op, [exact], op.spec.defaults, 'float32');
  return {
    exact: exactly(exact.shape, own.exact),
    error: own.tolerance.map((t, at) => 2 * t + steepest * error[at]!),
  };
}

/** What is given, without error. */
export const sure = (x: Tensor): Sure => ({
  exact: exactly(x.shape, toDense(x)),
  error: new Float64Array(x.stored),
});

/** As a bound for numbers. */
export const within = ({ exact, error }: Sure) => ({
  exact: Float64Array.from(toDense(exact)),
  tolerance: error,
});
