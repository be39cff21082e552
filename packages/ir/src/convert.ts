// From any format to any other that can hold the same entries. Never prunes: what does not fit is refused.
import type { Codec } from './codec.js';
import { decodeValues, encodeValues, type DType } from './dtype.js';
import { encoded } from './encoded.js';
import { assemble, densePattern, fromEntries } from './assemble.js';
import { isDense } from './dense.js';
import { entriesOf, toDense } from './derive.js';
import type { FormatLike } from './layout.js';
import { formatOf, sameFormat, sameLayout } from './format.js';
import { makeTensor, type Tensor } from './tensor.js';

/**
 * A host tensor in another format, with the same numbers. Explicit zeros of the source are kept where
 * both formats are sparse; from dense, zeros are dropped.
 *
 * @throws SparseError `lossy` where the format cannot hold an entry.
 */
export function convert(tensor: Tensor, like: FormatLike, dtype: DType = tensor.dtype): Tensor {
  const format = formatOf(like);
  if (sameFormat(format, tensor.format) && (format.codec || dtype === tensor.dtype)) return tensor;
  if (sameLayout(format, tensor.format)) return recoded(tensor, format.codec, dtype);
  if (isDense(tensor.format))
    return assemble(format, tensor.shape, decodeValues(tensor.dtype, tensor.values), { dtype });
  if (isDense(format) && !format.codec) {
    const numbers = toDense(tensor); // its own copy
    const fits = dtype === tensor.dtype && dtype !== 'float16' && dtype !== 'bfloat16';
    return makeTensor(
      densePattern(tensor.shape),
      dtype,
      fits ? numbers : encodeValues(dtype, numbers),
    );
  }
  if (isDense(format)) return assemble(format, tensor.shape, toDense(tensor), { dtype });
  return fromEntries(format, entriesOf(tensor), dtype);
}

/** The same pattern with values written another way. */
function recoded(tensor: Tensor, codec: Codec | undefined, dtype: DType): Tensor {
  if (codec) return encoded(tensor, codec);
  return makeTensor(
    tensor.pattern,
    dtype,
    encodeValues(dtype, decodeValues(tensor.dtype, tensor.values)),
  );
}
