// Dimensions as loops see them: those that step alike are one, so that most shapes have one or two left.
import { stridesOf, type Shape, type Signature } from '@lacuna/ir';

/** Extents, slowest first, with the strides of each operand along them. */
export interface Dims {
  readonly extents: readonly number[];
  /** For each operand, the step along each extent. */
  readonly steps: readonly (readonly number[])[];
}

/** Joins neighbouring dimensions along which every operand steps as one, and drops those of one element. */
export function merge({ extents, steps }: Dims): Dims {
  const out: number[] = [];
  const kept: number[][] = steps.map(() => []);
  extents.forEach((extent, dim) => {
    if (extent === 1) return;
    const last = out.length - 1;
    const joins = last >= 0 && steps.every((step, k) => kept[k]![last] === step[dim]! * extent);
    if (joins) {
      out[last]! *= extent;
      steps.forEach((step, k) => (kept[k]![last] = step[dim]!));
      return;
    }
    out.push(extent);
    steps.forEach((step, k) => kept[k]!.push(step[dim]!));
  });
  return { extents: out, steps: kept };
}

/** Steps of `shape` seen as `out`: 0 where it is stretched. */
export function stretched(shape: Shape, out: Shape): number[] {
  const lead = out.length - shape.length;
  const own = stridesOf(shape);
  return out.map((_, dim) => (dim < lead || shape[dim - lead] === 1 ? 0 : own[dim - lead]!));
}

/** Steps of the elements of a shape themselves. */
export const contiguous = (shape: Shape): number[] => stridesOf(shape).map(Number);

/**
 * WGSL of the places of element `at` for each operand: `let a = …;`. Parameters are, by {@link dimParams}, the
 * extents but the first, then the steps of each operand.
 */
export function places(rank: number, names: readonly string[]): string {
  if (rank === 0) return names.map((name) => `let ${name} = 0u;`).join('\n');
  const lines = ['var rest = at;'];
  for (let dim = rank - 1; dim > 0; dim--)
    lines.push(`let c${dim} = rest % p.e${dim};`, `rest /= p.e${dim};`);
  lines.push('let c0 = rest;');
  for (const name of names) {
    const terms = Array.from({ length: rank }, (_, dim) => `c${dim} * p.${name}${dim}`);
    lines.push(`let ${name} = ${terms.join(' + ')};`);
  }
  return lines.join('\n');
}

/** Names of the parameters of {@link places}. */
export function dimParams(rank: number, names: readonly string[]): string[] {
  const all = Array.from({ length: rank }, (_, dim) => dim);
  return [
    ...all.slice(1).map((dim) => `e${dim}`),
    ...names.flatMap((name) => all.map((dim) => `${name}${dim}`)),
  ];
}

/** Their numbers. */
export function dimNumbers({ extents, steps }: Dims): number[] {
  return [...extents.slice(1), ...steps.flat()];
}

/** All operands are float32: what every kernel here computes in. */
export const isFloat = ({ inputs, output }: Signature): boolean =>
  [...inputs, output].every((t) => t === undefined || t.dtype === 'float32');

/** All operands are of one type of four bytes: what kernels take that only move numbers. */
export const isWords = ({ inputs, output: { dtype } }: Signature): boolean =>
  (dtype === 'float32' || dtype === 'int32') && inputs.every((x) => x!.dtype === dtype);
