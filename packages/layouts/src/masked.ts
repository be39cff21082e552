// Masked: values as if dense, beside one bit an element that says which of them count.
//
//     0 5 0       mask    0b010  0b000  0b101
//     0 0 0       values  0 5 0   0 0 0   7 0 9      (every element has its place)
//     7 0 9
//
// It saves no memory; it is for masks that change. What is under the mask keeps its number there, and comes back
// when a later mask lets it.
import {
  dimName,
  isDense,
  layout,
  level,
  makePattern,
  makeTensor,
  maskBytes,
  printFormat,
  sizeOf,
  SparseError,
  type Pattern,
  type Shape,
  type Tensor,
} from '@lacuna/ir';

/**
 * Dense values under a mask of bits, for any number of dimensions. What the mask hides is not part of the tensor:
 * it is not multiplied, converted or counted.
 *
 * @example
 * ```ts
 * import { assemble } from '@lacuna/ir';
 * import { maskedDense } from '@lacuna/layouts';
 * assemble(maskedDense, [2, 2], [0, 5, 7, 0]).values; // Float32Array [0, 5, 7, 0]
 * ```
 */
export const maskedDense = layout({
  name: 'masked',
  levels: (_, shape: Shape) =>
    shape.map((_extent, dim) => {
      const name = dimName(dim);
      return dim === shape.length - 1 ? level.masked(name) : level.dense(name);
    }),
});

/**
 * The same values under another mask, one byte an element: a dynamic mask is a new pattern each time, and the
 * values are not copied. Takes dense tensors and masked ones.
 *
 * @throws SparseError `format` for a tensor of another layout, `shape` for a mask of another length.
 * @example
 * ```ts
 * import { assemble, dense, toDense } from '@lacuna/ir';
 * import { remask } from '@lacuna/layouts';
 * const w = assemble(dense, [3], [5, 6, 7]);
 * const first = remask(w, [1, 0, 0]);
 * toDense(first); // Float32Array [5, 0, 0]
 * toDense(remask(first, [0, 1, 1])); // Float32Array [0, 6, 7]
 * ```
 */
export function remask(tensor: Tensor, kept: ArrayLike<number>): Tensor {
  const { format, shape, dtype } = tensor;
  if (!isDense(format) && format.layout !== maskedDense)
    throw new SparseError('format', `${printFormat(format)} has no place for what a mask hides`, {
      hint: 'convert it to dense or to masked first',
    });
  return makeTensor(maskPattern(shape, kept), dtype, tensor.values);
}

/** The pattern of a mask, one byte an element. */
function maskPattern(shape: Shape, kept: ArrayLike<number>): Pattern {
  const size = sizeOf(shape);
  if (kept.length !== size)
    throw new SparseError(
      'shape',
      `a mask of ${kept.length} bytes was given for [${shape.join(', ')}], which has ${size} elements`,
    );
  if (shape.length === 0) return makePattern(maskedDense(), shape, []);
  const width = shape.at(-1)!;
  const row = maskBytes(width);
  const bits = new Uint8Array((size / Math.max(1, width)) * row);
  for (let flat = 0; flat < size; flat++) {
    const c = flat % width;
    if (kept[flat]) bits[Math.floor(flat / width) * row + (c >> 3)]! |= 1 << (c & 7);
  }
  return makePattern(maskedDense(), shape, [{ level: shape.length - 1, role: 'mask', data: bits }]);
}
