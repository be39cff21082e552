// What is larger than a binding may be is bound in parts, each a dispatch over a range of rows.
//
//   W ┌──────┐ 0         y ┌────┐ 0           A part begins where bindings may, at a multiple of 256 bytes, in every
//     ├──────┤ 128         ├────┤ 128         operand that is cut: after so many rows that all of them take whole
//     └──────┘ 200         └────┘ 200         256s. Nothing is copied.

const alignment = 256;

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

/**
 * Ranges `[from, to)` of `count` rows that each take at most `most` bytes of every operand; `bytes` are those of one
 * row, by operand. One range, where all fit, or where no cut would do.
 */
export function rangesOf(
  count: number,
  bytes: readonly number[],
  most: number,
): readonly (readonly [from: number, to: number])[] {
  const largest = Math.max(1, ...bytes);
  const step = Math.max(4, ...bytes.map((each) => alignment / divisor(alignment, each)));
  const size = Math.floor(most / largest / step) * step;
  if (count <= size || size === 0) return [[0, count]];
  return Array.from({ length: Math.ceil(count / size) }, (_, at) => [
    at * size,
    Math.min(count, (at + 1) * size),
  ]);
}
