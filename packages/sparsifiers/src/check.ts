// What sparsifiers refuse at the door.
import { SparseError, coordinatesOf, type Numbers, type Shape } from '@lacuna/ir';

/** Refuses a fraction outside 0..1. */
export function checkFraction(name: string, fraction: number): void {
  if (fraction >= 0 && fraction <= 1) return;
  throw new SparseError('unsupported', `${name} was given fraction = ${fraction}`, {
    detail: { fraction },
    hint: 'write the share to drop as a number from 0 to 1',
  });
}

/** Refuses what is not a whole number in `min..max`. */
export function checkWhole(
  name: string,
  params: Readonly<Record<string, number>>,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): void {
  for (const [param, value] of Object.entries(params)) {
    if (Number.isInteger(value) && value >= min && value <= max) continue;
    throw new SparseError('unsupported', `${name} was given ${param} = ${value}`, {
      detail: params,
      hint: `write a whole number, ${max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min}..${max}`}`,
    });
  }
}

/**
 * Magnitudes of numbers. One that is not finite has no place in an order of magnitudes: NaN compares with
 * nothing, and keeping Infinity hides that training has diverged.
 *
 * @throws SparseError `unsupported`, naming the first place.
 */
export function magnitudes(name: string, numbers: Numbers, shape: Shape): Numbers {
  const out = numbers instanceof Float32Array ? numbers.slice() : new Float64Array(numbers);
  for (let at = 0; at < out.length; at++) {
    const size = Math.abs(out[at]!);
    out[at] = size;
    if (size < Infinity) continue;
    const coordinates = coordinatesOf(at, shape);
    throw new SparseError(
      'unsupported',
      `${name} orders by magnitude, and the number at [${coordinates.join(', ')}] is ${numbers[at]}`,
      { detail: { coordinates }, hint: 'replace numbers that are not finite before pruning' },
    );
  }
  return out;
}
