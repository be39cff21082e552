// The tolerance, computed and never typed. An output that is a sum of k products, in any order, is off by
//
//   |ŷ − y| ≤ γ(k)·(|x|·|w|)   γ(k) = k·u / (1 − k·u)      Higham, Accuracy and Stability, 3.1
//
// where u is the unit roundoff of the arithmetic and |x|·|w| the op of absolute inputs. Activations are
// 1-Lipschitz and enlarge nothing. Two roundings more are for a scale and an addition that a kernel may
// do last; storing the result adds half a step of its dtype.
import {
  decodeValues,
  encodeValues,
  inferShape,
  makeTensor,
  outputType,
  unitRoundoff,
  type DType,
  type Op,
  type Tensor,
} from '@lacuna/ir';
import { smallest } from './codecs.js';
import { claim } from './law.js';

/** γ(k) = k·u / (1 − k·u), the bound on the error of k roundings; infinite where they may lose everything. */
export function gamma(k: number, u: number): number {
  return k * u < 1 ? (k * u) / (1 - k * u) : Infinity;
}

/** What an output should be, and how far from it each number may be. */
export interface Bound {
  readonly exact: Float64Array;
  readonly tolerance: Float64Array;
}

/**
 * The reference of an op, and the bound on what arithmetic in `dtype` may give instead.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { linear } from '@lacuna/ops';
 * import { boundOf } from '@lacuna/testing';
 * const [x, w] = [assemble(dense(), [1, 2], [1, -1]), assemble(dense(), [1, 2], [1, 1])];
 * const { exact, tolerance } = boundOf(linear, [x, w], linear.spec.defaults);
 * exact; // Float64Array [0]
 * tolerance[0]! < 2 ** -20; // true
 * ```
 */
export function boundOf(
  op: Op,
  inputs: readonly (Tensor | undefined)[],
  attrs: object,
  dtype: DType = outputType(
    inputs.map((t) => t?.dtype),
    op,
  ),
): Bound {
  const { spec } = op;
  const shapes = inputs.map((t) => t?.shape);
  inferShape(op, shapes, attrs);
  const exact = spec.reference(inputs, attrs);
  const magnitudes =
    spec.magnitudes?.(inputs, attrs) ??
    spec.reference(
      inputs.map((t) => t && absolute(t)),
      spec.linearAttrs?.(attrs) ?? attrs,
    );
  const u = unitRoundoff(dtype);
  const roundings = spec.roundings(shapes, attrs) + 2;
  const [factor, step] = [gamma(roundings, u), smallest(dtype)];
  const integral = dtype === 'int32' ? 1 / 2 : 0;
  // Each operation may also fall below the least number and lose half a step of it.
  const tolerance = exact.map(
    (y, at) =>
      factor * Math.abs(magnitudes[at]!) + u * Math.abs(y) + (integral || roundings * step),
  );
  return { exact, tolerance };
}

/** A tensor of the same pattern with the magnitudes of its values; what is not finite counts as 0. */
function absolute(tensor: Tensor): Tensor {
  const { pattern, dtype } = tensor;
  const values = Float64Array.from(decodeValues(dtype, tensor.values), (x) =>
    Number.isFinite(x) ? Math.abs(x) : 0,
  );
  return makeTensor(pattern, dtype, encodeValues(dtype, values));
}

/**
 * How far numbers that a codec wrote may be from what they were: half a step each, and the rounding of q·σ to
 * float32.
 */
export function halfSteps(steps: ArrayLike<number>, written: ArrayLike<number>): Float64Array {
  const u = unitRoundoff('float32');
  return Float64Array.from(
    { length: steps.length },
    (_, at) => steps[at]! / 2 + 4 * u * Math.abs(written[at]!) + smallest('float32'),
  );
}

/** The first place where `got` is neither within the bound nor the same NaN or infinity; −1 for none. */
export function firstOutside(got: ArrayLike<number>, { exact, tolerance }: Bound): number {
  if (got.length !== exact.length) return Math.min(got.length, exact.length);
  for (let at = 0; at < exact.length; at++) {
    const [y, x] = [exact[at]!, got[at]!];
    if (Object.is(x, y) || (Number.isFinite(y) && Math.abs(x - y) <= tolerance[at]!)) continue;
    return at;
  }
  return -1;
}

/** @throws Broken where numbers are not within the bound. */
export function claimWithin(got: ArrayLike<number>, bound: Bound, words: string): void {
  claim(
    got.length === bound.exact.length,
    `${words}: ${got.length} numbers came, and ${bound.exact.length} were expected`,
  );
  const at = firstOutside(got, bound);
  claim(
    at < 0,
    () =>
      `${words}: number ${at} is ${got[at]}, and should be ${bound.exact[at]}, within ${bound.tolerance[at]!.toExponential(2)}`,
  );
}
