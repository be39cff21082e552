// Tensors whose values a codec has written. They read as float32, so that everything which takes tensors takes
// them; the bytes are kept, and are what a file and a kernel made for them use.
import { printCodec, type Codec } from './codec.js';
import { decodeGroups, encodeGroups, codecBytes } from './quantise.js';
import { decodeValues } from './dtype.js';
import { SparseError } from './error.js';
import { valueCount, type Pattern } from './pattern.js';
import { host, makeTensor, Tensor } from './tensor.js';

/** Values as a codec wrote them. */
export interface Encoded {
  readonly codec: Codec;
  readonly bytes: Uint8Array;
}

/**
 * A host tensor with its values written by a codec, in the same pattern.
 *
 * @throws SparseError `lossy` for numbers that are not finite.
 * @example
 * ```ts
 * import { assemble, encoded, q8 } from '@lacuna/ir';
 * import { csr } from '@lacuna/layouts';
 * const t = encoded(assemble(csr, [1, 4], [0, 127, 0, -50.4]), q8(2));
 * t.toString(); // 'csr+q8(2) [1, 4] float32, 2 stored'
 * await t.read(); // Float32Array [127, -50]
 * ```
 */
export function encoded(tensor: Tensor, codec: Codec): Tensor {
  const numbers = decodeValues(tensor.dtype, tensor.values);
  return encodedTensor(tensor.pattern, { codec, bytes: encodeGroups(codec, numbers) });
}

/**
 * A host tensor from a pattern and bytes that a codec wrote, such as those of a file.
 *
 * @throws SparseError `corrupt` where there are more or fewer bytes than the pattern's values take.
 */
export function encodedTensor(pattern: Pattern, { codec, bytes }: Encoded): Tensor {
  const count = valueCount(pattern);
  const needed = codecBytes(codec, count);
  if (bytes.byteLength !== needed)
    throw new SparseError(
      'corrupt',
      `${count} values in ${printCodec(codec)} take ${needed} bytes, and ${bytes.byteLength} were given`,
    );
  let numbers: Float32Array | undefined;
  const values = (): Float32Array => (numbers ??= decodeGroups(codec, bytes, count));
  return new Tensor(pattern, 'float32', {
    home: host,
    encoded: { codec, bytes },
    get values() {
      return values();
    },
    read: () => Promise.resolve(values().slice()),
    free: () => (numbers = undefined),
  });
}

/** The tensor with plain values: float32 where a codec had written them. */
export function decoded(tensor: Tensor): Tensor {
  return tensor.codec ? makeTensor(tensor.pattern, 'float32', tensor.values) : tensor;
}
