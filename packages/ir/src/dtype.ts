// Number types: their arrays, their unit roundoff, and the 16-bit codecs. float16 and bfloat16 are
// storage only: bits in a Uint16Array, decoded to float32 before any arithmetic.

/** Types of values. */
export type DType = 'float32' | 'float64' | 'int32' | 'float16' | 'bfloat16';
/** Types of coordinates and positions. */
export type IndexType = 'uint8' | 'uint16' | 'uint32';

/** The array that holds values of some {@link DType} (16-bit floats as their bits). */
export type ValueArray = Float32Array | Float64Array | Int32Array | Uint16Array;
/** The array that holds coordinates or positions. */
export type IndexArray = Uint8Array | Uint16Array | Uint32Array;

const valueArrays = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
} as const;

const indexArrays = { uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array } as const;

/** Every {@link DType}, for checks at the door and for tables. */
export const dtypes = Object.keys(valueArrays) as readonly DType[];

/** Bytes that one number takes. */
export function byteWidth(type: DType | IndexType): number {
  return (type in indexArrays ? indexArrays[type as IndexType] : valueArrays[type as DType])
    .BYTES_PER_ELEMENT;
}

/** A zeroed array of `length` values. */
export function valueArray(dtype: DType, length: number): ValueArray {
  return new valueArrays[dtype](length);
}

/** A view of `length` values at `offset` bytes of `buffer`. */
export function valueView(
  dtype: DType,
  buffer: ArrayBufferLike,
  offset: number,
  length: number,
): ValueArray {
  return new valueArrays[dtype](buffer as ArrayBuffer, offset, length);
}

/** A view of `length` coordinates or positions at `offset` bytes of `buffer`. */
export function indexView(
  type: IndexType,
  buffer: ArrayBufferLike,
  offset: number,
  length: number,
): IndexArray {
  return new indexArrays[type](buffer as ArrayBuffer, offset, length);
}

/** The narrowest index type that holds `0..size-1`, and is at least `least`. */
export function indexTypeFor(size: number, least: IndexType = 'uint8'): IndexType {
  if (size <= 0x100 && least === 'uint8') return 'uint8';
  return size <= 0x10000 && least !== 'uint32' ? 'uint16' : 'uint32';
}

/** Unit roundoff u: half the gap between 1 and the next number of that type (0 for integers). */
export function unitRoundoff(dtype: DType): number {
  return { float32: 2 ** -24, float64: 2 ** -53, int32: 0, float16: 2 ** -11, bfloat16: 2 ** -8 }[
    dtype
  ];
}

const word = new DataView(new ArrayBuffer(4));

/** float32 → bfloat16 bits, rounding to nearest, ties to even. */
export function toBfloat16(x: number): number {
  word.setFloat32(0, x);
  const bits = word.getUint32(0);
  if (x !== x) return (bits >>> 16) | 0x40;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** bfloat16 bits → float32. */
export function fromBfloat16(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}

/** float → IEEE 754 binary16 bits, rounding to nearest, ties to even. */
export function toFloat16(x: number): number {
  word.setFloat32(0, x);
  const sign = (word.getUint32(0) >>> 16) & 0x8000;
  const size = Math.abs(x);
  if (size !== size) return sign | 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  // Adding a power of two whose last place is the half's last place rounds in double precision.
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const step = 2 ** (exponent - 10);
  const units = roundHalfEven(size / step);
  if (exponent === -14) return sign | units; // subnormal, or just the first normal
  return sign | (((exponent + 14) << 10) + units);
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** IEEE 754 binary16 bits → number. */
export function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24);
}

const decoders = { float16: fromFloat16, bfloat16: fromBfloat16 } as const;
const encoders = { float16: toFloat16, bfloat16: toBfloat16 } as const;

/** Values as plain numbers: 16-bit floats decoded to float32, other types as they are. */
export function decodeValues(
  dtype: DType,
  values: ValueArray,
): Float32Array | Float64Array | Int32Array {
  if (dtype !== 'float16' && dtype !== 'bfloat16') return values as Float32Array;
  return Float32Array.from(values, decoders[dtype]);
}

/** Numbers as values of `dtype`, rounding to nearest. */
export function encodeValues(dtype: DType, numbers: ArrayLike<number>): ValueArray {
  const out = valueArray(dtype, numbers.length);
  if (dtype === 'float16' || dtype === 'bfloat16') {
    const encode = encoders[dtype];
    for (let i = 0; i < numbers.length; i++) out[i] = encode(numbers[i]!);
  } else {
    out.set(numbers);
  }
  return out;
}
