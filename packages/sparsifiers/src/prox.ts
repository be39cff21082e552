// Proximal steps: prox(w) = argmin_z ½‖z − w‖² + t·penalty(z), taken after an optimiser's step with t = λ·lr.
//
//     soft     sign(w)·max(|w| − t, 0)                         λ‖z‖₁
//     hard     w where |w| > √(2t), else 0                     λ‖z‖₀
//     scad     soft near zero, untouched beyond a·λ            (Fan and Li, 2001)
//     mcp      soft near zero, untouched beyond γ·λ            (Zhang, 2010)
//     group    w_G · max(1 − t/‖w_G‖, 0)                       λ Σ‖z_G‖
//     wgsef    w_G · u_G/(u_G + t), Σ u_G = k                  the sparse group envelope of k groups
import { sizeOf, printCall, SparseError, type Numbers, type Shape } from '@lacuna/ir';
import { eachRun, type Within } from './budget.js';
import { checkWhole } from './check.js';

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

/** The group lasso's, over rows, columns or groups of neighbours. */
export const groupSoft = (within: Within = { per: 'row' }): Prox =>
  prox({
    name: 'groupSoft',
    params: { ...within },
    step: (numbers, shape, t) =>
      scaled(numbers, shape, within, (norms) => norms.map((n) => (n > t ? 1 - t / n : 0))),
  });

/**
 * The weighted group sparse envelope of `k` groups: the convex envelope of ½‖w‖² under at most k groups that
 * are not zero; u by bisection on Σ u = k.
 * Source: methods of sparse envelopes (Beck and Refael, 2022).
 *
 * @example
 * ```ts
 * import { wgsef } from '@lacuna/sparsifiers';
 * wgsef({ k: 1, per: 'row' }).step(Float32Array.of(4, 1), [2, 1], 1); // Float64Array [2, 0]
 * ```
 */
export const wgsef = ({ k, ...within }: Within & { readonly k: number }): Prox => {
  checkWhole('wgsef', { k }, 0);
  return prox({
    name: 'wgsef',
    params: { k, ...within },
    step: (numbers, shape, t) =>
      scaled(numbers, shape, within, (norms) => {
        const share = (eta: number, n: number): number => Math.min(1, Math.max(0, eta * n - t));
        const total = (eta: number): number => norms.reduce((sum, n) => sum + share(eta, n), 0);
        const least = norms.reduce((low, n) => (n > 0 ? Math.min(low, n) : low), Infinity);
        let [low, high] = [0, least === Infinity ? 0 : (1 + t) / least];
        if (total(high) > k)
          for (let turn = 0; turn < 200; turn++) {
            const eta = (low + high) / 2;
            if (total(eta) > k) high = eta;
            else low = eta;
          }
        else low = high;
        return norms.map((n) => {
          const u = share(low, n);
          return u === 0 ? 0 : u / (u + t);
        });
      }),
  });
};

/** Each run of numbers times a factor that depends on all norms. */
function scaled(
  numbers: Numbers,
  shape: Shape,
  within: Within,
  factorsOf: (norms: readonly number[]) => readonly number[],
): Float64Array {
  const norms: number[] = [];
  eachRun(shape, within, (begin, run, stride) => {
    let sum = 0;
    for (let at = 0; at < run; at++) sum += numbers[begin + at * stride]! ** 2;
    norms.push(Math.sqrt(sum));
  });
  const factors = factorsOf(norms);
  const out = new Float64Array(numbers.length);
  let group = 0;
  eachRun(shape, within, (begin, run, stride) => {
    const factor = factors[group++]!;
    for (let at = begin; at < begin + run * stride; at += stride) out[at] = factor * numbers[at]!;
  });
  return out;
}

/** The proximal steps by name, each from its parameters. */
export const proxes = {
  soft: softThreshold,
  hard: hardThreshold,
  scad,
  mcp,
  groupSoft,
  wgsef,
} as const;
