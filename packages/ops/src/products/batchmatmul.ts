// batchMatmul: the products of matrices in pairs.
//
//   y[…, m, n] = Σk a[…, m, k]·b[…, k, n]
import { op, sizeOf, type NodeId, type Op, type Shape } from '@lacuna/ir';
import { refuse, show } from '../shapes.js';
import { placesOf } from './stored.js';

/** Attributes of {@link batchMatmul}. */
export interface BatchMatmulAttrs {
  /** The matrices of a are written `[K, M]`. */
  readonly transposeA: boolean;
  /** The matrices of b are written `[N, K]`. */
  readonly transposeB: boolean;
}

/** Leading dimensions, M, K, N. */
export function batchSizes(
  a: Shape,
  b: Shape,
  { transposeA, transposeB }: BatchMatmulAttrs,
): { readonly batch: number; readonly m: number; readonly k: number; readonly n: number } {
  const [rows, columns] = [a.at(-2)!, a.at(-1)!];
  return {
    batch: sizeOf(a.slice(0, -2)),
    m: transposeA ? columns : rows,
    k: transposeA ? rows : columns,
    n: transposeB ? b.at(-2)! : b.at(-1)!,
  };
}

/**
 * `batchMatmul(a [..., M, K], b [..., K, N])` → `[..., M, N]`; the leading dimensions of both are equal.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { batchMatmul } from '@lacuna/ops';
 * const [a, b] = [assemble(dense(), [2, 1, 1], [2, 3]), assemble(dense(), [2, 1, 1], [5, 7])];
 * batchMatmul.spec.reference([a, b], batchMatmul.spec.defaults); // Float64Array [10, 21]
 * ```
 */
export const batchMatmul: Op<BatchMatmulAttrs> = op<BatchMatmulAttrs>({
  name: 'batchMatmul',
  arity: [2, 2],
  defaults: { transposeA: false, transposeB: false },
  infer([a, b], attrs) {
    const lead = a!.slice(0, -2);
    const inner = b!.at(attrs.transposeB ? -1 : -2);
    const fits =
      a!.length >= 2 &&
      a!.length === b!.length &&
      lead.every((extent, dim) => b![dim] === extent) &&
      inner === a!.at(attrs.transposeA ? -2 : -1);
    if (!fits)
      refuse(
        'batchMatmul',
        `a ${show(a!)}${attrs.transposeA ? ' transposed' : ''} and b ${show(b!)}${attrs.transposeB ? ' transposed' : ''}`,
        'write a as [..., M, K] and b as [..., K, N], or set transposeA or transposeB',
      );
    const { m, n } = batchSizes(a!, b!, attrs);
    return [...lead, m, n];
  },
  reference([a, b], attrs) {
    const { batch, m, k, n } = batchSizes(a!.shape, b!.shape, attrs);
    const [left, right] = [placesOf(a!), placesOf(b!)];
    const [rowA, stepA] = attrs.transposeA ? [1, m] : [k, 1];
    const [rowB, stepB] = attrs.transposeB ? [1, k] : [n, 1];
    const y = new Float64Array(batch * m * n);
    for (let o = 0; o < batch; o++)
      for (let i = 0; i < m; i++)
        for (let e = 0; e < k; e++) {
          const p = o * m * k + i * rowA + e * stepA;
          if (left.stored && !left.stored[p]) continue;
          for (let j = 0; j < n; j++) {
            const q = o * k * n + e * rowB + j * stepB;
            if (!right.stored || right.stored[q])
              y[(o * m + i) * n + j]! += left.numbers[p]! * right.numbers[q]!;
          }
        }
    return y;
  },
  roundings: ([a, b], attrs) => batchSizes(a!, b!, attrs).k,
  gradient: {
    // As of matmul, for each pair.
    rule: ({ apply, inputs, dy, wants }, { transposeA, transposeB }) => {
      const [a, b] = [inputs[0]!, inputs[1]!];
      const da = (): NodeId =>
        transposeA
          ? apply(batchMatmul, [b, dy], { transposeA: transposeB, transposeB: true })
          : apply(batchMatmul, [dy, b], { transposeB: !transposeB });
      const db = (): NodeId =>
        transposeB
          ? apply(batchMatmul, [dy, a], { transposeA: true, transposeB: transposeA })
          : apply(batchMatmul, [a, dy], { transposeA: !transposeA });
      return [wants(0) ? da() : undefined, wants(1) ? db() : undefined];
    },
  },
});
