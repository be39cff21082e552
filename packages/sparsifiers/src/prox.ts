// Proximal steps: prox(w) = argmin_z ½‖z − w‖² + t·penalty(z), taken after an optimiser's step with t = λ·lr.
//
//     soft     sign(w)·max(|w| − t, 0)                         λ‖z‖₁
//     hard     w where |w| > √(2t), else 0                     λ‖z‖₀
//     scad     soft near zero, untouched beyond a·λ            (Fan and Li, 2001)
//     mcp      soft near zero, untouched beyond γ·λ            (Zhang, 2010)
import { sizeOf, printCall, SparseError, type Numbers, type Shape } from '@lacuna/ir';

/** A proximal step of some penalty. */
export interface Prox {
  readonly name: string;
  readonly params: Readonly<Record<string, number | string>>;
  /** The minimiser for weight `t`, as numbers of its own. */
  readonly step: (numbers: Numbers, shape: Shape, t: number) => Float64Array;
  readonly print: () => string;
}

/** A proximal step from a formula for one number or for all. */
export function prox(spec: Omit<Prox, 'print'>): Prox {
  const { name, params, step } = spec;
  return Object.freeze({
    name,
    params,
    step(numbers: Numbers, shape: Shape, t: number) {
      if (t >= 0 && t < Infinity && numbers.length === sizeOf(shape))
        return step(numbers, shape, t);
      throw new SparseError(
        'unsupported',
        `${name} was given t = ${t} for ${numbers.length} numbers of [${shape.join(', ')}]`,
        {
          hint: 'write λ·lr, 0 or more, and numbers of the shape',
        },
      );
    },
    print: () => printCall(name, params),
  });
}

const each =
  (f: (x: number, t: number) => number): Prox['step'] =>
  (numbers, _, t) =>
    Float64Array.from(numbers, (x) => f(x, t));
const shrink = (x: number, t: number): number => Math.sign(x) * Math.max(Math.abs(x) - t, 0);

/**
 * The lasso's: sign(w)·max(|w| − t, 0).
 *
 * @example
 * ```ts
 * import { softThreshold } from '@lacuna/sparsifiers';
 * softThreshold().step(Float32Array.of(3, -1, 0.5), [3], 1); // Float64Array [2, -0, 0]
 * ```
 */
export const softThreshold = (): Prox => prox({ name: 'soft', params: {}, step: each(shrink) });

/** Best subset's: w where ½w² > t. */
export const hardThreshold = (): Prox =>
  prox({ name: 'hard', params: {}, step: each((x, t) => (x * x > 2 * t ? x : 0)) });

/** SCAD of a step of 1: λ = t. `a` above 2. */
export const scad = ({ a = 3.7 }: { readonly a?: number } = {}): Prox => {
  if (!(a > 2))
    throw new SparseError('unsupported', `scad was given a = ${a}`, {
      hint: 'write a number above 2; 3.7 is usual',
    });
  return prox({
    name: 'scad',
    params: { a },
    step: each((x, t) => {
      const size = Math.abs(x);
      if (size <= 2 * t) return shrink(x, t);
      return size <= a * t ? ((a - 1) * x - Math.sign(x) * a * t) / (a - 2) : x;
    }),
  });
};

/** The minimax concave penalty of a step of 1: λ = t. `gamma` above 1. */
export const mcp = ({ gamma = 3 }: { readonly gamma?: number } = {}): Prox => {
  if (!(gamma > 1))
    throw new SparseError('unsupported', `mcp was given gamma = ${gamma}`, {
      hint: 'write a number above 1; 3 is usual',
    });
  return prox({
    name: 'mcp',
    params: { gamma },
    step: each((x, t) => (Math.abs(x) <= gamma * t ? shrink(x, t) / (1 - 1 / gamma) : x)),
  });
};
