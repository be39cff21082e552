// sparseSoftmax: softmax along the last dimension over the entries that are stored. What is not stored counts as
// −∞ and stays 0: the masked softmax of sparse attention.
import { op, sizeOf, type Op, type Tensor } from '@lacuna/ir';
import { multiply } from '../pointwise/multiply.js';
import { refuse, show } from '../shapes.js';
import { placesOf } from '../products/stored.js';
import { subtract } from '../pointwise/subtract.js';
import { sum } from './sum.js';

/** Softmax of each row over its stored entries; `each` gets the number, the row's largest, and its sum. */
function overStored(
  x: Tensor,
  each: (v: number, most: number, total: number) => number,
): Float64Array {
  const { numbers, stored } = placesOf(x);
  const out = new Float64Array(numbers.length);
  const n = x.shape.at(-1)!;
  for (let start = 0; start < out.length; start += n) {
    let [most, total] = [-Infinity, 0];
    const entries: number[] = [];
    for (let at = start; at < start + n; at++) if (!stored || stored[at]) entries.push(at);
    for (const at of entries) most = Math.max(most, numbers[at]!);
    for (const at of entries) total += Math.exp(numbers[at]! - most);
    for (const at of entries) out[at] = each(numbers[at]!, most, total);
  }
  return out;
}

/**
 * `sparseSoftmax(x [..., N])`, in the pattern of x.
 *
 * @example
 * ```ts
 * import { assemble, layout, level } from '@lacuna/ir';
 * import { sparseSoftmax } from '@lacuna/ops';
 * const csr = layout({ name: 'csr', levels: () => [level.dense('i'), level.compressed('j')] });
 * sparseSoftmax.spec.reference([assemble(csr, [1, 3], [2, 0, 2])], {}); // Float64Array [0.5, 0, 0.5]
 * ```
 */
export const sparseSoftmax: Op = op({
  name: 'sparseSoftmax',
  arity: [1, 1],
  defaults: {},
  infer([x]) {
    if (x!.length === 0) refuse('sparseSoftmax', `x ${show(x!)}`, 'write x as [..., N]');
    return x!;
  },
  reference: ([x]) => overStored(x!, (v, most, total) => Math.exp(v - most) / total),
  magnitudes([x]) {
    const n = x!.shape.at(-1)!;
    const y = sparseSoftmax.spec.reference([x], {});
    const far = overStored(x!, (v, most) => (Number.isFinite(most - v) ? most - v : 0));
    const out = new Float64Array(sizeOf(x!.shape));
    for (let start = 0; start < out.length; start += n) {
      let mean = 0;
      for (let at = start; at < start + n; at++) mean += (y[at]! || 0) * far[at]!;
      for (let at = start; at < start + n; at++) out[at] = y[at]! * (1 + far[at]! + mean);
    }
    return out;
  },
  roundings: ([x]) => x!.at(-1)! + 12,
  keepsPattern: true,
  gradient: {
    // As of softmax: y is 0 where nothing is stored, and so is the gradient there.
    rule: ({ apply, dy, output }) => {
      const total = apply(sum, [apply(multiply, [dy, output])], { axes: [-1], keepDims: true });
      return [apply(multiply, [output, apply(subtract, [dy, total])])];
    },
  },
});
