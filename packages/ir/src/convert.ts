// From any format to any other that can hold the same entries. Never prunes: what does not fit is refused.
import type { Codec } from './codec.js';
import { decodeValues, encodeValues, type DType } from './dtype.js';
import { encoded } from './encoded.js';
import { assemble, densePattern, fromEntries } from './assemble.js';
import { isDense } from './dense.js';
import {
  blockRowsOf,
  type BlockRows,
  listedOf,
  spread,
  storedAs,
  unblocked,
  type Listed,
} from './blockrows.js';
import { ensureSound } from './check.js';
import { entriesOf, flatIndex, toDense } from './derive.js';
import type { Format, FormatLike } from './layout.js';
import { listBlocks, listDense, listIndexed } from './listrows.js';
import { sizeOf } from './pattern.js';
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
  const rows = dtype === tensor.dtype ? byRows(tensor, format) : undefined;
  if (rows) return rows;
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

/** The most elements for each entry that are looked at one by one: 4 bytes each, about what a sort takes beside it. */
const elements = 8;

/** Where rows of blocks are on either side, what needs no sort; undefined for other layouts. */
function byRows(tensor: Tensor, format: Format): Tensor | undefined {
  const { shape, dtype, pattern, values } = tensor;
  if (tensor.format.codec || sizeOf(shape) >= 2 ** 31) return undefined;
  const [from, to] = [blockRowsOf(tensor.format, shape), blockRowsOf(format, shape)];
  if (from && isDense(format) && !format.codec) {
    ensureSound(pattern);
    return makeTensor(densePattern(shape), dtype, spread(listedOf(tensor, from), dtype));
  }
  if (!to) return undefined;
  if (isDense(tensor.format)) {
    const words = values instanceof Float32Array || values instanceof Int32Array;
    return words ? storedAs(format, listDense(values, shape, to), dtype) : undefined;
  }
  const single = from ? undefined : singles(tensor);
  if (!from && !single) return undefined;
  ensureSound(pattern);
  if (isSingle(to))
    return storedAs(format, single ?? unblocked(listedOf(tensor, from!), dtype), dtype);
  const own = from && listedOf(tensor, from);
  const entries = single ?? (isSingle(own!) ? own! : unblocked(own!, dtype));
  return storedAs(format, listBlocks(entries, to, dtype), dtype);
}

const isSingle = ({ rows, columns }: BlockRows): boolean => rows === 1 && columns === 1;

/** Single entries by rows of any layout that is not too sparse for a look at every element. */
function singles({ pattern, shape, values, dtype }: Tensor): Listed | undefined {
  const index = flatIndex(pattern);
  return sizeOf(shape) > elements * index.length
    ? undefined
    : listIndexed(index, values, shape, dtype);
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
