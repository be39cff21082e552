// A TFLite model of one product with constant weights: FULLY_CONNECTED, x [N, K] · Wᵀ -> y [N, M], W [M, K].
// Numbers of fields and enumerations are those of TensorFlow Lite's schema.fbs.
import { Builder, type Offset } from 'flatbuffers';

const [fullyConnected, fullyConnectedOptions] = [9, 8];

/** The bytes of the model. */
export function productModel(n: number, k: number, m: number, w: Float32Array): Uint8Array {
  const b = new Builder(w.byteLength + 4096);
  const buffers = [table(b, {}), table(b, { 0: offset(floats(b, w)) })];
  const tensors = [tensor(b, 'x', [n, k], 0), tensor(b, 'w', [m, k], 1), tensor(b, 'y', [n, m], 0)];
  const operator = table(b, {
    1: offset(ints(b, [0, 1, -1])),
    2: offset(ints(b, [2])),
    3: (at) => b.addFieldInt8(at, fullyConnectedOptions, 0),
    4: offset(table(b, {})),
  });
  const subgraph = table(b, {
    0: offset(offsets(b, tensors)),
    1: offset(ints(b, [0])),
    2: offset(ints(b, [2])),
    3: offset(offsets(b, [operator])),
  });
  const code = table(b, {
    0: (at) => b.addFieldInt8(at, fullyConnected, 0),
    2: (at) => b.addFieldInt32(at, 1, 0),
    3: (at) => b.addFieldInt32(at, fullyConnected, 0),
  });
  const model = table(b, {
    0: (at) => b.addFieldInt32(at, 3, 0),
    1: offset(offsets(b, [code])),
    2: offset(offsets(b, [subgraph])),
    4: offset(offsets(b, buffers)),
  });
  b.finish(model, 'TFL3');
  return b.asUint8Array();

  function offset(to: Offset): (at: number) => void {
    return (at) => b.addFieldOffset(at, to, 0);
  }
}

/** A table of fields by their numbers; what they point at must have been written before. */
function table(b: Builder, fields: Readonly<Record<number, (at: number) => void>>): Offset {
  b.startObject(8);
  for (const [at, write] of Object.entries(fields)) write(Number(at));
  return b.endObject();
}

function tensor(b: Builder, name: string, shape: readonly number[], buffer: number): Offset {
  const [text, sizes] = [b.createString(name), ints(b, shape)];
  return table(b, {
    0: (at) => b.addFieldOffset(at, sizes, 0),
    2: (at) => b.addFieldInt32(at, buffer, 0),
    3: (at) => b.addFieldOffset(at, text, 0),
  });
}

/** Vectors are written from their end. */
function ints(b: Builder, numbers: readonly number[]): Offset {
  b.startVector(4, numbers.length, 4);
  for (const value of numbers.toReversed()) b.addInt32(value);
  return b.endVector();
}

function offsets(b: Builder, to: readonly Offset[]): Offset {
  b.startVector(4, to.length, 4);
  for (const value of to.toReversed()) b.addOffset(value);
  return b.endVector();
}

/** The bytes of floats, which kernels want aligned; a byte vector has its length in bytes. */
function floats(b: Builder, numbers: Float32Array): Offset {
  b.startVector(1, numbers.byteLength, 16);
  for (let at = numbers.length - 1; at >= 0; at--) b.addFloat32(numbers[at]!);
  return b.endVector();
}
