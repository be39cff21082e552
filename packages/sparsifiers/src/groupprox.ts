// Proximal steps of penalties on groups of numbers G: rows, columns, or neighbours.
//
//     groupSoft   w_G · max(1 − t/‖w_G‖, 0)              λ Σ‖z_G‖
//     wgsef       w_G · u_G/(u_G + t), Σ d_G·u_G = k     the sparse group envelope of budget k, G counting d_G
import { SparseError, type Numbers, type Shape } from '@lacuna/ir';
import { eachRun, type Within } from './budget.js';
import { prox, type Prox } from './prox.js';

/** The group lasso's, over rows, columns or groups of neighbours. */
export const groupSoft = (within: Within = { per: 'row' }): Prox =>
  prox({
    name: 'groupSoft',
    params: { ...within },
    step: (numbers, shape, t) =>
      scaled(numbers, shape, within, (norms) => norms.map((n) => (n > t ? 1 - t / n : 0))),
  });

/** What {@link wgsef} is told: groups, and how much of them may stay. */
export interface EnvelopeOptions extends Within {
  /** The budget: the weights of groups that are not zero add up to no more. */
  readonly k: number;
  /** What each group counts, d_G above 0, in the order of groups; 1 by default. */
  readonly weights?: readonly number[];
}

/**
 * The weighted group sparse envelope: the convex envelope of ½‖w‖² where the groups that are not zero weigh at most
 * k together. u_G = clip(η·‖w_G‖/√d_G − t, 0, 1), η by bisection on Σ d_G·u_G = k.
 *
 * @throws SparseError `unsupported` for k below 0 and weights that are not above 0, or not one a group.
 * Source: methods of sparse envelopes (Beck and Refael, 2022).
 *
 * @example
 * ```ts
 * import { wgsef } from '@lacuna/sparsifiers';
 * wgsef({ k: 1, per: 'row' }).step(Float32Array.of(4, 1), [2, 1], 1); // Float64Array [2, 0]
 * wgsef({ k: 1, per: 'row', weights: [9, 1] }).step(Float32Array.of(4, 3), [2, 1], 1); // Float64Array [0, 1.5]
 * ```
 */
export const wgsef = ({ k, weights, ...within }: EnvelopeOptions): Prox => {
  const wrong = weights?.find((d) => !(d > 0 && d < Infinity));
  if (!(k >= 0) || wrong !== undefined)
    throw new SparseError(
      'unsupported',
      `wgsef was given ${wrong === undefined ? `k = ${k}` : `a weight of ${wrong}`}`,
      {
        hint: 'write a budget of 0 or more, and for each group a weight above 0',
      },
    );
  return prox({
    name: 'wgsef',
    params: { k, ...within, ...(weights && { weights: weights.join(':') }) },
    step: (numbers, shape, t) =>
      scaled(numbers, shape, within, (norms) => {
        if (weights && weights.length !== norms.length)
          throw new SparseError(
            'unsupported',
            `wgsef was given ${weights.length} weights, and [${shape.join(', ')}] has ${norms.length} groups`,
            { hint: 'write a weight for each group, or none' },
          );
        return envelope(norms, weights ?? norms.map(() => 1), k, t);
      }),
  });
};

/** u/(u + t) of each group. */
function envelope(
  norms: readonly number[],
  weights: readonly number[],
  k: number,
  t: number,
): readonly number[] {
  const sizes = norms.map((n, group) => n / Math.sqrt(weights[group]!));
  const share = (eta: number, size: number): number => {
    const over = eta * size - t;
    return over <= (eta * size + t) * 2 ** -50 ? 0 : Math.min(1, over); // what rounding leaves is zero
  };
  const total = (eta: number): number =>
    sizes.reduce((sum, size, group) => sum + weights[group]! * share(eta, size), 0);
  const least = sizes.reduce((low, size) => (size > 0 ? Math.min(low, size) : low), Infinity);
  let [low, high] = [0, least === Infinity ? 0 : (1 + t) / least];
  if (total(high) > k)
    for (let turn = 0; turn < 200; turn++) {
      const eta = (low + high) / 2;
      if (total(eta) > k) high = eta;
      else low = eta;
    }
  else low = high;
  return sizes.map((size) => {
    const u = share(low, size);
    return u === 0 ? 0 : u / (u + t);
  });
}

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
