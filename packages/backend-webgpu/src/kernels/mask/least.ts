// Magnitudes are compared by their bits, so that no driver's rounding plays a part.

/** The bits of the least float32 above zero that is not below a number. */
export function leastBits(value: number): number {
  const float = Float32Array.of(value);
  const word = new Uint32Array(float.buffer)[0]!;
  return Math.max(1, float[0]! < value ? word + 1 : word);
}
