// matmul: the product of two matrices, either of them transposed, either of them sparse.
//
//   y[m, n] = f( Σk a[m, k]·b[k, n] + bias[m] )
import { op, toDense, walk, type NodeId, type Op, type Shape } from '@lacuna/ir';
import { activate, checkActivation, type Activation } from './activation.js';
import { checkBias, checkRank, refuse, show } from '../shapes.js';
import { placesOf, valuesOf } from './stored.js';
import { beforeActivation } from './backward.js';
import { sum } from '../reductions/sum.js';

/** Attributes of {@link matmul}. */
export interface MatmulAttrs {
  /** a is written `[K, M]`. */
  readonly transposeA: boolean;
  /** b is written `[N, K]`. */
  readonly transposeB: boolean;
  readonly activation: Activation;
}

/** M, K of a, and K, N of b. */
function sides(a: Shape, b: Shape, { transposeA, transposeB }: MatmulAttrs): number[] {
  const [m, ka] = transposeA ? [a[1]!, a[0]!] : [a[0]!, a[1]!];
  const [kb, n] = transposeB ? [b[1]!, b[0]!] : [b[0]!, b[1]!];
  return [m, ka, kb, n];
}

/**
 * `matmul(a [M, K], b [K, N], bias? [M])` → `[M, N]`; the bias is added to each row of the output.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { matmul } from '@lacuna/ops';
 * const a = assemble(dense(), [1, 2], [1, 2]);
 * const b = assemble(dense(), [2, 1], [3, 4]);
 * matmul.spec.reference([a, b], matmul.spec.defaults); // Float64Array [11]
 * ```
 */
export const matmul: Op<MatmulAttrs> = op<MatmulAttrs>({
  name: 'matmul',
  arity: [2, 3],
  defaults: { transposeA: false, transposeB: false, activation: 'none' },
  infer([a, b, bias], attrs) {
    checkRank('matmul', 'a', a!, attrs.transposeA ? ['K', 'M'] : ['M', 'K']);
    checkRank('matmul', 'b', b!, attrs.transposeB ? ['N', 'K'] : ['K', 'N']);
    const [m, ka, kb, n] = sides(a!, b!, attrs) as [number, number, number, number];
    if (ka !== kb)
      refuse(
        'matmul',
        `a ${show(a!)}${attrs.transposeA ? ' transposed' : ''} and b ${show(b!)}${attrs.transposeB ? ' transposed' : ''}, whose K are ${ka} and ${kb}`,
        n === ka && !attrs.transposeB
          ? 'set transposeB'
          : 'make the K of both equal, or set transposeA or transposeB',
      );
    checkBias('matmul', bias, m, `an output [${m}, ${n}]`);
    checkActivation('matmul', attrs.activation);
    return [m, n];
  },
  reference([a, b, bias], attrs) {
    const [m, k, , n] = sides(a!.shape, b!.shape, attrs) as [number, number, number, number];
    const { numbers, stored } = placesOf(b!);
    const [rowStep, columnStep] = attrs.transposeB ? [1, k] : [n, 1];
    const values = valuesOf(a!);
    const y = new Float64Array(m * n);
    walk(a!.pattern, (at, position) => {
      const [row, inner] = attrs.transposeA ? [at[1]!, at[0]!] : [at[0]!, at[1]!];
      const value = values[position]!;
      for (let column = 0; column < n; column++) {
        const from = inner * rowStep + column * columnStep;
        if (!stored || stored[from]) y[row * n + column]! += value * numbers[from]!;
      }
    });
    if (bias) {
      const add = toDense(bias);
      for (let at = 0; at < y.length; at++) y[at]! += add[Math.floor(at / n)]!;
    }
    return activate(y, attrs.activation);
  },
  roundings: ([a, , bias], { transposeA }) => a![transposeA ? 0 : 1]! + (bias ? 1 : 0),
  linearAttrs: (attrs) => ({ ...attrs, activation: 'none' }),
  gradient: {
    // With A and B as written: dA = dy·Bᵀ and dB = Aᵀ·dy, each turned where its operand is.
    rule: (scope, { transposeA, transposeB, activation }) => {
      const { apply, inputs, wants } = scope;
      const [a, b] = [inputs[0]!, inputs[1]!];
      const dy = beforeActivation(scope, activation);
      const da = (): NodeId =>
        transposeA
          ? apply(matmul, [b, dy], { transposeA: transposeB, transposeB: true })
          : apply(matmul, [dy, b], { transposeB: !transposeB });
      const db = (): NodeId =>
        transposeB
          ? apply(matmul, [dy, a], { transposeA: true, transposeB: transposeA })
          : apply(matmul, [a, dy], { transposeA: !transposeA });
      return [
        wants(0) ? da() : undefined,
        wants(1) ? db() : undefined,
        wants(2) ? apply(sum, [dy], { axes: [1] }) : undefined,
      ];
    },
  },
});
