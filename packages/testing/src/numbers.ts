// Random numbers for tensors: exactly representable in their dtype, with any share of zeros, and with
// values that travel badly where asked.
import { decodeValues, encodeValues, type DType } from '@lacuna/ir';
import type { Random } from './random.js';

/** What {@link randomNumbers} may be told. */
export interface NumberOptions {
  /** Share of numbers that are not zero; default random. */
  readonly density?: number;
  readonly dtype?: DType;
  /** Some of the numbers are NaN, infinite, −0, or the smallest there are. */
  readonly specials?: boolean;
}

const specialNumbers = [NaN, Infinity, -Infinity, -0];

/** `count` numbers in -8..8, most of them small. */
export function randomNumbers(
  random: Random,
  count: number,
  { density = densityFor(random), dtype = 'float32', specials = false }: NumberOptions = {},
): Float64Array {
  const numbers = Float64Array.from({ length: count }, () => {
    if (!random.chance(density)) return 0;
    if (dtype === 'int32') return random.whole(1, 99) * (random.chance(0.5) ? 1 : -1);
    if (specials && random.chance(0.1)) return random.pick(specialNumbers);
    return (random.next() * 2 - 1) * 2 ** random.whole(-4, 3) || 1;
  });
  return Float64Array.from(decodeValues(dtype, encodeValues(dtype, numbers)));
}

/** None, few, half or all. */
export function densityFor(random: Random): number {
  return random.pick([0, 0.05, 0.1, 0.25, 0.5, 0.9, 1]);
}

/** Whether two numbers have the same bits, all NaN being one. */
export const same = (a: number, b: number): boolean => Object.is(a, b);

/** The first place where two lists of numbers differ, −1 where none does. */
export function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const length = Math.max(a.length, b.length);
  for (let at = 0; at < length; at++)
    if (at >= a.length || at >= b.length || !same(a[at]!, b[at]!)) return at;
  return -1;
}

/** Whether it is a list of whole numbers, 0 or more. */
export const isShape = (shape: readonly number[]): boolean =>
  shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
