// From any format to any other that can hold the same entries. Never prunes: what does not fit is refused.
import type { DType } from './dtype.js';
import { assemble, fromEntries } from './assemble.js';
import { isDense } from './dense.js';
import { entriesOf, toDense } from './derive.js';
import { formatOf, sameFormat, type FormatLike } from './layout.js';
import type { Tensor } from './tensor.js';

/**
 * A host tensor in another format, with the same numbers. Explicit zeros of the source are kept where
 * both formats are sparse; from dense, zeros are dropped.
 *
 * @throws SparseError `lossy` where the format cannot hold an entry.
 */
export function convert(tensor: Tensor, like: FormatLike, dtype: DType = tensor.dtype): Tensor {
  const format = formatOf(like);
  if (sameFormat(format, tensor.format) && dtype === tensor.dtype) return tensor;
  if (isDense(tensor.format) || isDense(format))
    return assemble(format, tensor.shape, toDense(tensor), { dtype });
  return fromEntries(format, entriesOf(tensor), dtype);
}
