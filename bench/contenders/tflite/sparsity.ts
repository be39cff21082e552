// How TFLite stores a sparse constant: every dimension dense but the last, which is compressed as CSR's columns.
import type { Builder, Offset } from 'flatbuffers';
import { byte, int, ints, offset, offsets, table } from './tables.js';

interface Csr {
  readonly values: Float32Array;
  readonly segments: readonly number[];
  readonly indices: readonly number[];
}

const [sparseCsr, int32Vector] = [1, 1];

/** What is not zero in rows of `columns` numbers. */
export function compress(numbers: Float32Array, columns: number): Csr {
  const values: number[] = [];
  const [segments, indices] = [[0], [] as number[]];
  for (let row = 0; row < numbers.length; row += columns) {
    for (let column = 0; column < columns; column++) {
      const value = numbers[row + column]!;
      if (value === 0) continue;
      values.push(value);
      indices.push(column);
    }
    segments.push(indices.length);
  }
  return { values: Float32Array.from(values), segments, indices };
}

/** The table that says where the values of a tensor are. */
export function sparsityOf(
  b: Builder,
  shape: readonly number[],
  { segments, indices }: Csr,
): Offset {
  const dense = shape.slice(0, -1).map((size) => table(b, { 1: int(size) }));
  const [starts, columns] = [segments, indices].map((of) => table(b, { 0: offset(ints(b, of)) }));
  const last = table(b, {
    0: byte(sparseCsr),
    2: byte(int32Vector),
    3: offset(starts!),
    4: byte(int32Vector),
    5: offset(columns!),
  });
  const [order, dims] = [ints(b, Array.from(shape.keys())), offsets(b, [...dense, last])];
  return table(b, { 0: offset(order), 2: offset(dims) });
}
