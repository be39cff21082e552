// Operands as references see them: numbers of every place, and which places are stored. A product is made
// only of two stored entries, so that Inf and NaN never meet a zero that is not there.
import {
  decodeValues,
  flatIndex,
  isDense,
  outside,
  sizeOf,
  toDense,
  type Tensor,
} from '@lacuna/ir';

/** Row-major numbers of a tensor. */
export type Numbers = ReturnType<typeof toDense>;

/** Numbers of a tensor, and one byte a place that is 1 where an entry is stored; absent: everywhere. */
export interface Places {
  readonly numbers: Numbers;
  readonly stored: Uint8Array | undefined;
}

/** The numbers and places of an operand in any layout. */
export function placesOf(tensor: Tensor): Places {
  return { numbers: toDense(tensor), stored: storedOf(tensor) };
}

function storedOf(tensor: Tensor): Uint8Array | undefined {
  if (isDense(tensor.format)) return undefined;
  const stored = new Uint8Array(sizeOf(tensor.shape));
  for (const flat of flatIndex(tensor.pattern)) if (flat !== outside) stored[flat] = 1;
  return stored;
}

/** Values by position, for use beside `walk`. */
export function valuesOf(tensor: Tensor): Numbers {
  return decodeValues(tensor.dtype, tensor.values);
}
