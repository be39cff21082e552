// The types of values: what is known of each before there is memory for it.
import {
  dense,
  denseFormat,
  host,
  isDense,
  quantised,
  sizeOf,
  valueCount,
  type DType,
  type OperandType,
  type Pattern,
  type Shape,
  type Tensor,
} from '@lacuna/ir';

/** A dense value. */
export function denseType(shape: Shape, dtype: DType): OperandType {
  return { format: denseFormat, shape, dtype, stored: sizeOf(shape), constant: false };
}

/** A value in a pattern. */
export function patternType(pattern: Pattern, dtype: DType): OperandType {
  if (isDense(pattern.format)) return denseType(pattern.shape, dtype);
  const { format, shape } = pattern;
  return { format, shape, dtype, stored: valueCount(pattern), constant: false, pattern };
}

/** A value whose pattern is found at every run, in a room for it. */
export function roomType(room: Pattern, dtype: DType): OperandType {
  return { ...patternType(room, dtype), varies: true };
}

/**
 * A tensor: constant where it is the host's, since an engine's may be assigned to. With `codecs` its format names what
 * wrote its values, which hold as long as nothing else is written; by default where it is the host's.
 */
export function tensorType(tensor: Tensor, codecs = tensor.home === host): OperandType {
  const type = { ...patternType(tensor.pattern, tensor.dtype), constant: tensor.home === host };
  return codecs && tensor.codec ? { ...type, format: tensor.format } : type;
}

/** The type of the decoded values, where a codec wrote them. */
export function decodedType(type: OperandType): OperandType {
  return type.format.codec ? { ...type, format: quantised(type.format) } : type;
}

/** The values of an operand alone, as a dense vector: what elementwise kernels see of a shared pattern. */
export function flatType(type: OperandType): OperandType {
  return { ...denseType([type.stored], type.dtype), constant: type.constant };
}

/** Whether a type is dense. */
export const isDenseType = (type: OperandType): boolean => type.format.layout === dense;
