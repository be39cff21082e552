// The number types of safetensors: how wide they are, and what they become here. Types that we compute with
// are kept; narrower whole numbers widen to int32; wider ones become float64 where that is exact.
import { SparseError, type DType, type ValueArray, valueView } from '@lacuna/ir';

/** Bits of a number, by the format's name for its type. */
export const bitsOf: Readonly<Record<string, number>> = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  F64: 64,
  I64: 64,
  U64: 64,
  C64: 64,
};

const ours: Readonly<Record<string, DType>> = {
  F32: 'float32',
  F64: 'float64',
  I32: 'int32',
  F16: 'float16',
  BF16: 'bfloat16',
};

/** The format's name for one of our types. */
export const nameOf: Readonly<Record<DType, string>> = {
  float32: 'F32',
  float64: 'F64',
  int32: 'I32',
  float16: 'F16',
  bfloat16: 'BF16',
};

type View = ArrayLike<number> | ArrayLike<bigint>;
type Range = readonly [buffer: ArrayBuffer, offset: number, length: number];

const small: Readonly<Record<string, (...at: Range) => ArrayLike<number>>> = {
  BOOL: (...at) => new Uint8Array(...at),
  U8: (...at) => new Uint8Array(...at),
  I8: (...at) => new Int8Array(...at),
  U16: (...at) => new Uint16Array(...at),
  I16: (...at) => new Int16Array(...at),
};

const large: Readonly<Record<string, (...at: Range) => View>> = {
  U32: (...at) => new Uint32Array(...at),
  I64: (...at) => new BigInt64Array(...at),
  U64: (...at) => new BigUint64Array(...at),
};

/**
 * The numbers of an entry, as a view of `bytes` where it is aligned and a copy where it is not.
 *
 * @throws SparseError `unsupported` for a type without a lossless home here.
 */
export function decode(
  name: string,
  type: string,
  bytes: Uint8Array,
): { dtype: DType; values: ValueArray } {
  const width = (bitsOf[type] ?? 8) / 8;
  const own = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  // Typed arrays view shared memory as well; only their declared type wants an ArrayBuffer.
  const at = [own.buffer as ArrayBuffer, own.byteOffset, own.byteLength / width] as const;
  const dtype = ours[type];
  if (dtype) return { dtype, values: valueView(dtype, ...at) };
  const narrow = small[type];
  if (narrow) return { dtype: 'int32', values: Int32Array.from(narrow(...at)) };
  const wide = large[type];
  const values = wide && Float64Array.from(wide(...at), Number);
  if (values?.every(Number.isSafeInteger)) return { dtype: 'float64', values };
  throw new SparseError('unsupported', `entry "${name}" holds ${type}, which has no type here`, {
    hint: `pass over it with { only: (name) => name !== ${JSON.stringify(name)} }, or store it as F32`,
    detail: { name, type },
  });
}
