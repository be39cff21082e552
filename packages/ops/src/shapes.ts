// What shape rules share: how shapes read in messages, and the one refusal they throw.
import { SparseError, type Shape } from '@lacuna/ir';

/** `[2, 3]` */
export const show = (shape: readonly (number | string)[]): string => `[${shape.join(', ')}]`;

/** Refuses inputs: `linear was given x [2, 3] and w [4, 5]; write w as [4, 3]`. */
export function refuse(op: string, given: string, hint: string): never {
  throw new SparseError('shape', `${op} was given ${given}`, { hint, detail: { op } });
}

/** Refuses an input whose number of dimensions is not `rank`. */
export function checkRank(op: string, input: string, shape: Shape, dims: readonly string[]): void {
  if (shape.length !== dims.length)
    refuse(op, `${input} ${show(shape)}`, `write ${input} as ${show(dims)}, or reshape it`);
}

/** Refuses a bias that is there and not `[size]`. */
export function checkBias(op: string, bias: Shape | undefined, size: number, of: string): void {
  if (bias && !(bias.length === 1 && bias[0] === size))
    refuse(op, `bias ${show(bias)} with ${of}`, `write bias as [${size}]`);
}

/** Refuses attributes that are not whole numbers of at least `least`, one for each of `names`. */
export function checkWhole(
  op: string,
  attr: string,
  given: readonly number[],
  names: readonly string[],
  least: number,
): void {
  if (given.length !== names.length || !given.every((x) => Number.isSafeInteger(x) && x >= least))
    refuse(
      op,
      `${attr} ${show(given)}`,
      `write ${attr}: ${show(names)} in whole numbers of at least ${least}`,
    );
}

/** An axis counted from the front: −1 is the last. */
export function axisOf(op: string, axis: number, shape: Shape): number {
  const found = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(found) || found < 0 || found >= shape.length)
    refuse(
      op,
      `axis ${axis} of a tensor ${show(shape)}`,
      shape.length ? `write an axis in ${-shape.length}..${shape.length - 1}` : 'a scalar has none',
    );
  return found;
}
