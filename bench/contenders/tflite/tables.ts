// Tables and vectors of a flatbuffer. What a table points at must have been written before it.
import type { Builder, Offset } from 'flatbuffers';

/** Writes the field of some number into the table that is open. */
export type Field = (b: Builder, at: number) => void;

/** A field that points at a table, a vector or a text. */
export const offset =
  (to: Offset): Field =>
  (b, at) =>
    b.addFieldOffset(at, to, 0);

/** A field of eight bits: an enumeration or a truth value. */
export const byte =
  (value: number): Field =>
  (b, at) =>
    b.addFieldInt8(at, value, 0);

export const int =
  (value: number): Field =>
  (b, at) =>
    b.addFieldInt32(at, value, 0);

/** A table of fields by their numbers. */
export function table(b: Builder, fields: Readonly<Record<number, Field>>): Offset {
  b.startObject(8);
  for (const [at, write] of Object.entries(fields)) write(b, Number(at));
  return b.endObject();
}

/** Vectors are written from their end. */
export function ints(b: Builder, numbers: ArrayLike<number>): Offset {
  b.startVector(4, numbers.length, 4);
  for (let at = numbers.length - 1; at >= 0; at--) b.addInt32(numbers[at]!);
  return b.endVector();
}

export function offsets(b: Builder, to: readonly Offset[]): Offset {
  b.startVector(4, to.length, 4);
  for (const value of to.toReversed()) b.addOffset(value);
  return b.endVector();
}

/** The bytes of numbers, which kernels want aligned; a byte vector has its length in bytes. */
export function bytes(b: Builder, numbers: Float32Array | Int32Array): Offset {
  b.startVector(1, numbers.byteLength, 16);
  const add =
    numbers instanceof Float32Array ? (v: number) => b.addFloat32(v) : (v: number) => b.addInt32(v);
  for (let at = numbers.length - 1; at >= 0; at--) add(numbers[at]!);
  return b.endVector();
}
