// Compositions in products, expanded into the ops that everything else uses:
//
//     x·(A + B)ᵀ  =  x·Aᵀ + x·Bᵀ            x·(A·B)ᵀ  =  (x·Bᵀ)·Aᵀ
//
// The composed matrix is never formed. On an engine's tensors each op runs as it is called; inside a compiled
// function each is a node, so that fusion, placement, plans and gradients see ordinary ops.
import type { Tensor } from '@lacuna/ir';
import { add, linear, matmul } from '@lacuna/ops';
import { isComposition, type Composition, type Part } from './composition.js';

/**
 * `linear` with a weight that may be composed: rows of x times the transpose of w, plus a bias.
 *
 * @throws SparseError `shape` where x and w do not fit; `home` where no tensor belongs to an engine.
 * @example
 * ```ts
 * import { createEngine } from '@lacuna/engine';
 * import { csr } from '@lacuna/layouts';
 * import { composedLinear, productOf, sumOf } from '@lacuna/compositions';
 * import { reference } from '@lacuna/reference';
 * const engine = await createEngine(reference());
 * const [u, v] = [engine.tensor([1, 2], [2, 1]), engine.tensor([1, 1, 1], [1, 3])];
 * const s = engine.tensor([0, 0, 5, 0, 0, 0], [2, 3], { layout: csr });
 * const x = engine.tensor([1, 10, 100], [1, 3]);
 * await composedLinear(x, sumOf(s, productOf(u, v))).read(); // Float32Array [611, 222]
 * engine.dispose();
 * ```
 */
export function composedLinear(x: Tensor, w: Part, bias?: Tensor): Tensor {
  if (!isComposition(w)) return bias ? linear(x, w, bias) : linear(x, w);
  const [first, ...rest] = w.parts;
  if (w.combine === 'sum')
    return rest.reduce<Tensor>(
      (y, part) => add(y, composedLinear(x, part)),
      composedLinear(x, first!, bias),
    );
  const inner = rest.reduceRight<Tensor>((y, part) => composedLinear(y, part), x);
  return composedLinear(inner, first!, bias);
}

/** Operands of {@link composedMatmul} that are written transposed. */
export interface ComposedMatmulAttrs {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/**
 * `matmul` of matrices of which one or both may be composed. Products are worked from the other operand on, so
 * that a thin one stays thin.
 *
 * @throws SparseError `shape` where they do not fit; `home` where no tensor belongs to an engine.
 */
export function composedMatmul(
  a: Part,
  b: Part,
  { transposeA = false, transposeB = false }: ComposedMatmulAttrs = {},
): Tensor {
  if (isComposition(a)) {
    // (A·B)·b starts at B; turned, (A·B)ᵀ·b = Bᵀ·(Aᵀ·b) starts at A.
    const times = (part: Part, y: Part, turned: boolean): Tensor =>
      composedMatmul(part, y, { transposeA, transposeB: turned });
    return byParts(a, !transposeA, b, transposeB, times);
  }
  if (isComposition(b)) {
    const times = (part: Part, y: Part, turned: boolean): Tensor =>
      composedMatmul(y, part, { transposeA: turned, transposeB });
    return byParts(b, transposeB, a, transposeA, times);
  }
  return matmul(a, b, { transposeA, transposeB });
}

/** `other` times each part of a sum, or times one part of a product after another. */
function byParts(
  { combine, parts }: Composition,
  fromLast: boolean,
  other: Part,
  otherTurned: boolean,
  times: (part: Part, y: Part, turned: boolean) => Tensor,
): Tensor {
  const [first, ...rest] = fromLast ? parts.toReversed() : parts;
  const start = times(first!, other, otherTurned);
  return combine === 'sum'
    ? rest.reduce<Tensor>((y, part) => add(y, times(part, other, otherTurned)), start)
    : rest.reduce<Tensor>((y, part) => times(part, y, false), start);
}
