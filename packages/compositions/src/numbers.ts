// A composition written out: what its parts stand for, in double precision. For checks and for conversion; to
// compute with it, expand it.
import { densePattern, makeTensor, toDense, type Tensor } from '@lacuna/ir';
import { matmul } from '@lacuna/ops';
import { isComposition, type Part } from './composition.js';

/**
 * The matrix that a composition of host tensors stands for, dense, in float64.
 *
 * @throws SparseError `home` where a part belongs to an engine: copy it to the host first.
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { productOf, writtenOut } from '@lacuna/compositions';
 * const [u, v] = [assemble(dense, [2, 1], [1, 2]), assemble(dense, [1, 2], [3, 4])];
 * writtenOut(productOf(u, v)).values; // Float64Array [3, 4, 6, 8]
 * ```
 */
export function writtenOut(part: Part): Tensor {
  if (!isComposition(part)) return float64(part.shape, toDense(part));
  const parts = part.parts.map(writtenOut);
  return parts.reduce((a, b) =>
    part.combine === 'product'
      ? float64([a.shape[0]!, b.shape[1]!], matmul.spec.reference([a, b], matmul.spec.defaults))
      : float64(
          a.shape,
          Float64Array.from(a.values, (x, at) => x + b.values[at]!),
        ),
  );
}

function float64(shape: readonly number[], numbers: ArrayLike<number>): Tensor {
  return makeTensor(densePattern(shape), 'float64', Float64Array.from(numbers));
}
