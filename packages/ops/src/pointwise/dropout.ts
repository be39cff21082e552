// dropout: elements set to zero by chance, the others enlarged so that the mean stays (Srivastava et al., 2014).
// Which ones is a function of a seed and of the place, so that a run can be repeated, and the gradient drops the
// same. The seed is a tensor, since a compiled step wants another one each time.
import { op, toDense, type Op } from '@lacuna/ir';
import { refuse, show } from '../shapes.js';

/** Attributes of {@link dropout}. */
export interface DropoutAttrs {
  /** The share that is dropped, in 0..1, 1 left out. */
  readonly rate: number;
}

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** The bits of a number as a float32. */
function seedOf(seed: number): number {
  float[0] = seed;
  return bits[0]!;
}

/** Chris Wellons' lowbias32: every bit of the result depends on every bit of x. */
function hash(x: number): number {
  let h = x ^ (x >>> 16);
  h = Math.imul(h, 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Whether the element at a place is kept: 24 bits of a hash of seed and place against the rate. */
export function keeps(seed: number, at: number, rate: number): boolean {
  return hash((hash(seedOf(seed)) + at) >>> 0) >>> 8 >= Math.round(rate * 2 ** 24);
}

/**
 * `dropout(x, seed [], { rate })`, the shape of x: 0, or x / (1 − rate).
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { dropout } from '@lacuna/ops';
 * const [x, seed] = [assemble(dense(), [2], [1, 2]), assemble(dense(), [], [7])];
 * dropout.spec.reference([x, seed], { rate: 0 }); // Float64Array [1, 2]
 * ```
 */
export const dropout: Op<DropoutAttrs> = op<DropoutAttrs>({
  name: 'dropout',
  arity: [2, 2],
  defaults: { rate: 0.5 },
  infer([x, seed], { rate }) {
    if (seed!.length > 0) refuse('dropout', `a seed ${show(seed!)}`, 'write the seed as []');
    if (!(rate >= 0 && rate < 1)) refuse('dropout', `rate ${rate}`, 'write a rate in 0..1');
    return x!;
  },
  reference([x, seed], { rate }) {
    const number = toDense(seed!)[0]!;
    return Float64Array.from(toDense(x!), (v, at) =>
      keeps(number, at, rate) ? v * (1 / (1 - rate)) : 0,
    );
  },
  magnitudes: (inputs, attrs) => dropout.spec.reference(inputs, attrs).map((v) => Math.abs(v)),
  roundings: () => 2,
  zeroToZero: true,
  gradient: {
    rule: ({ apply, dy, inputs }, attrs) => [apply(dropout, [dy, inputs[1]], attrs), undefined],
  },
});
