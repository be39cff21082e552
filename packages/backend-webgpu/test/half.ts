// What products in arithmetic of 16 bits promise, and the law that holds them to it.
//
//   |ŷ − y| ≤ γ(k)·|w|·|x| + γ₁₆(b + 2)·|w|·|x| + what is lost below the least normal number
//
// The first is the bound of float32. Then x is rounded once, a product once, and a sum of a block up to b times, b being the
// entries of the longest block: each to either neighbour, as WGSL leaves open, so that u₁₆ is a whole unit, 2⁻¹⁰. Numbers
// under 2⁻¹⁴ may count as 0, as operands and as results.
import {
  decodeValues,
  encodeValues,
  makeTensor,
  type DType,
  type Op,
  type Tensor,
} from '@lacuna/ir';
import {
  boundOf,
  cases,
  claim,
  claimWithin,
  gamma,
  launch,
  randomCall,
  type Bound,
  type Law,
} from '@lacuna/testing';
import type { WebgpuBackend, WebgpuKernel } from '../src/index.js';
import { longest } from '../src/kernels/arithmetic.js';

const [unit, least, most] = [2 ** -10, 2 ** -14, 65504];

/** A tensor with other numbers in its places. */
function mapped({ pattern, dtype, values }: Tensor, f: (value: number) => number): Tensor {
  return makeTensor(pattern, 'float32', Float32Array.from(decodeValues(dtype, values), f));
}

/** The same numbers in a dtype. */
export function as(dtype: DType, { pattern, dtype: own, values }: Tensor): Tensor {
  return makeTensor(pattern, dtype, encodeValues(dtype, decodeValues(own, values)));
}

/** The reference of a product, and the bound on what arithmetic of 16 bits may give; unbounded where that overflows. */
export function halfBoundOf(op: Op, inputs: readonly (Tensor | undefined)[], attrs: object): Bound {
  const { exact, tolerance } = boundOf(op, inputs, attrs);
  const [a, b] = inputs as [Tensor, Tensor];
  const sums = (f: (value: number) => number, g: (value: number) => number): Float64Array =>
    op.spec.reference([mapped(a, f), mapped(b, g), undefined], op.spec.linearAttrs!(attrs));
  const one = (): number => 1;
  const [products, left, right, count] = [
    sums(Math.abs, Math.abs),
    sums(Math.abs, one),
    sums(one, Math.abs),
    sums(one, one),
  ] as const;
  const factor = gamma(longest + 2, unit);
  const own = products.map((sum, at) =>
    sum * (1 + factor) < most
      ? factor * sum + least * (left[at]! + right[at]! + 2 * count[at]!)
      : Infinity,
  );
  return { exact, tolerance: tolerance.map((each, at) => each + own[at]!) };
}

/** The law of a kernel in arithmetic of 16 bits. */
export function halfLaw(backend: WebgpuBackend, kernel: WebgpuKernel): Law {
  const { op, takes } = kernel;
  const own = takes.findIndex((layout) => layout.layoutName !== 'dense');
  const w = own < 0 ? Number(op.opName === 'linear') : own;
  return {
    name: 'results are within the bound of arithmetic of 16 bits',
    async run(random) {
      for (let attempt = 0; attempt < 200; attempt++) {
        const call = randomCall(random, op, cases.get(op)!, {
          layouts: takes.map((layout) => [layout]),
        });
        const inputs = call.inputs.map((t, at) => {
          if (!t || at > 1) return t;
          return at === w || random.chance(0.5) ? as('float16', t) : t;
        });
        const launched = await launch(backend, kernel, inputs, call.attrs);
        if (!launched) continue;
        claim(
          launched.trespass === undefined,
          `${call.words} writes outside: ${launched.trespass}`,
        );
        claim(
          launched.unwritten < 0,
          `${call.words} leaves number ${launched.unwritten} unwritten`,
        );
        claimWithin(launched.numbers, halfBoundOf(op, inputs, call.attrs), call.words);
        return;
      }
      claim(false, `${kernel.name} took none of 200 cases`);
    },
  };
}
