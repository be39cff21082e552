// Expressions over dimensions: `i`, `i/4`, `i%4`, `i/4%2`, and `j-i`, the number of a diagonal.
import { SparseError } from './error.js';

/** `floor(coordinate[dim] / div) % mod`; `mod` 0 means no remainder is taken. */
export interface Axis {
  readonly dim: number;
  readonly div: number;
  readonly mod: number;
  /** The number of a diagonal, `coordinate[dim] − coordinate[minus]`, counted from 0 at the last row. */
  readonly minus?: number;
}

const diagonal = /^([a-z]|d\d+)-([a-z]|d\d+)$/;
const term = /^\(?([a-z]|d\d+)(?:\/(\d+))?\)?(?:%(\d+))?$/;

/** Names of dimensions in expressions: `i j k l`, and `d4 d5 …` beyond. */
export function dimName(dim: number): string {
  return 'ijkl'[dim] ?? `d${dim}`;
}

function dimOf(name: string): number {
  return name.length > 1 ? Number(name.slice(1)) : 'ijkl'.indexOf(name);
}

/** An axis from its text. */
export function parseAxis(text: string): Axis {
  const [, from, less] = diagonal.exec(text.trim()) ?? [];
  const match = from === undefined ? term.exec(text.trim()) : term.exec(from);
  const dim = dimOf(match?.[1] ?? '');
  if (dim >= 0 && less !== undefined && dimOf(less) >= 0)
    return { dim, div: 1, mod: 0, minus: dimOf(less) };
  const [div, mod] = [Number(match?.[2] ?? 1), Number(match?.[3] ?? 0)];
  if (!match || dim < 0 || div < 1) {
    throw new SparseError('format', `a level was described as "${text}"`, {
      hint: "write a dimension with an optional divisor and remainder, such as 'i', 'i/4', 'j%4' or 'i/4%2', or a diagonal, 'j-i'",
    });
  }
  return { dim, div, mod };
}

/** Coordinates that `axis` takes over a shape. */
export function axisSize(axis: Axis, shape: readonly number[]): number {
  const extent = shape[axis.dim]!;
  if (axis.minus !== undefined) return Math.max(0, extent + shape[axis.minus]! - 1);
  return axis.mod || Math.ceil(extent / axis.div);
}
