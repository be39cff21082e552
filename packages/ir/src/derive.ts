// What follows from a layout's levels alone, for any layout: dense numbers, entries, counts, the flat index.
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
  const inside: number[] = [];
  for (let p = 0; p < flat.length; p++) if (flat[p] !== outside) inside.push(p);
  const ordered = inside.every((p, at) => at === 0 || flat[inside[at - 1]!]! < flat[p]!);
  if (!ordered) inside.sort((a, b) => flat[a]! - flat[b]!);
  return {
    shape: tensor.shape,
    index: Uint32Array.from(inside, (p) => flat[p]!),
    values: Float64Array.from(inside, (p) => values[p]!),
  };
}

/** Stored positions inside the shape. */
export function countOf(pattern: Pattern): number {
  let count = 0;
  walk(pattern, () => void count++);
  return count;
}

/** Bytes of structure and values of a pattern. */
export function bytesOf(pattern: Pattern, dtype: DType): number {
  return pattern.structure.byteLength + valueCount(pattern) * byteWidth(dtype);
}

/** Stored positions inside the shape over elements of the shape. */
export function densityOf(pattern: Pattern): number {
  return countOf(pattern) / Math.max(1, sizeOf(pattern.shape));
}
