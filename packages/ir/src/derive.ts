// What follows from a layout's levels alone, for any layout: dense numbers, entries, counts, the flat index.
import { structureBytes } from './buffers.js';
import { byteWidth, decodeValues, type DType } from './dtype.js';
import type { Entries } from './entries.js';
import { SparseError } from './error.js';
import { isDense } from './dense.js';
import { sizeOf, valueCount, type Pattern } from './pattern.js';
import type { Tensor } from './tensor.js';
import { walk, walkFlat } from './walk.js';

/** Marks a position outside the shape in a {@link flatIndex}. */
export const outside = 0xffffffff;

const flatIndices = new WeakMap<Pattern, Uint32Array>();

/**
 * The row-major index of every stored position, {@link outside} for positions that reach past the
 * shape. With it, `scatter` and `gather` serve any layout on any device.
 *
 * @throws SparseError `capacity` for tensors of 2^32 - 1 elements or more.
 */
export function flatIndex(pattern: Pattern): Uint32Array {
  let index = flatIndices.get(pattern);
  if (!index) {
    if (sizeOf(pattern.shape) >= outside)
      throw new SparseError(
        'capacity',
        `a flat index of [${pattern.shape.join(', ')}] does not fit 32 bits`,
        { hint: 'split the tensor' },
      );
    const out = new Uint32Array(valueCount(pattern)).fill(outside);
    walkFlat(pattern, (flat, position) => void (out[position] = flat));
    index = out;
    flatIndices.set(pattern, index);
  }
  return index;
}

/** Row-major numbers of a tensor on the host; entries that are not stored are 0. */
export function toDense(tensor: Tensor): Float32Array | Float64Array | Int32Array {
  const values = decodeValues(tensor.dtype, tensor.values);
  if (isDense(tensor.format)) return values.slice();
  const Numbers = values.constructor as Float32ArrayConstructor;
  const out = new Numbers(sizeOf(tensor.shape));
  const index = flatIndex(tensor.pattern);
  for (let p = 0; p < index.length; p++) if (index[p] !== outside) out[index[p]!] = values[p]!;
  return out;
}

/** The stored entries of a tensor on the host, explicit zeros included, in row-major order. */
export function entriesOf(tensor: Tensor): Entries {
  const values = decodeValues(tensor.dtype, tensor.values);
  const flat = flatIndex(tensor.pattern);
  let count = 0;
  let ordered = true;
  for (let p = 0, last = -1; p < flat.length; p++) {
    if (flat[p] === outside) continue;
    ordered &&= flat[p]! > last;
    last = flat[p]!;
    count++;
  }
  const [index, numbers] = [new Uint32Array(count), new Float64Array(count)];
  const order = ordered ? undefined : rowMajor(flat, sizeOf(tensor.shape));
  for (let at = 0, e = 0; e < count; at++) {
    const p = order ? order[at]! : at;
    if (flat[p] === outside) continue;
    index[e] = flat[p]!;
    numbers[e++] = values[p]!;
  }
  return { shape: tensor.shape, index, values: numbers };
}

/** Positions inside the shape in row-major order: by marking every element, or by sorting where they are few. */
function rowMajor(flat: Uint32Array, size: number): Uint32Array {
  if (size > 64 * flat.length)
    return Uint32Array.from(flat.keys()).sort((a, b) => flat[a]! - flat[b]!);
  const holder = new Uint32Array(size);
  for (let p = 0; p < flat.length; p++) if (flat[p] !== outside) holder[flat[p]!] = p + 1;
  const order = new Uint32Array(flat.length);
  let count = 0;
  for (let at = 0; at < size; at++) if (holder[at]) order[count++] = holder[at]! - 1;
  return order.subarray(0, count);
}

/** Stored positions inside the shape. */
export function countOf(pattern: Pattern): number {
  let count = 0;
  walk(pattern, () => void count++);
  return count;
}

/** Bytes of structure and values of a pattern. */
export function bytesOf(pattern: Pattern, dtype: DType): number {
  return structureBytes(pattern.buffers) + valueCount(pattern) * byteWidth(dtype);
}

/** Stored positions inside the shape over elements of the shape. */
export function densityOf(pattern: Pattern): number {
  return countOf(pattern) / Math.max(1, sizeOf(pattern.shape));
}
