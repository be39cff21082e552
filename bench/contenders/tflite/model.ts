// A TFLite model, written tensor by tensor and operator by operator.
// Numbers of fields and enumerations are those of TensorFlow Lite's schema.fbs.
import { Builder, type Offset } from 'flatbuffers';
import { compress, sparsityOf } from './sparsity.js';
import { byte, bytes, int, ints, offset, offsets, table, type Field } from './tables.js';

/** Operators by name: their codes, and the kinds of their options. */
const operators = {
  add: [0, 11],
  conv2d: [3, 1],
  depthwise: [4, 2],
  fullyConnected: [9, 8],
  logistic: [14, 0],
  reshape: [22, 0],
  pad: [34, 22],
  mean: [40, 27],
  densify: [124, 0],
} as const;

export type Operator = keyof typeof operators;

/** A tensor by its index. */
export type TensorId = number;

const [float32, int32] = [0, 2];

/** Collects a model. */
export class ModelWriter {
  readonly #b = new Builder(1 << 20);
  readonly #buffers: Offset[] = [table(this.#b, {})];
  readonly #tensors: Offset[] = [];
  readonly #codes: Operator[] = [];
  readonly #operators: Offset[] = [];

  /** A tensor that is given, or computed. */
  value(name: string, shape: readonly number[]): TensorId {
    return this.#tensor(name, shape, float32, 0);
  }

  constant(shape: readonly number[], numbers: Float32Array | Int32Array): TensorId {
    const type = numbers instanceof Float32Array ? float32 : int32;
    return this.#tensor(`c${this.#tensors.length}`, shape, type, this.#buffer(numbers));
  }

  /** A constant that stores what is not zero, made dense by an operator: XNNPACK's hint that weights are sparse. */
  sparse(shape: readonly number[], numbers: Float32Array): TensorId {
    const csr = compress(numbers, shape.at(-1)!);
    const buffer = this.#buffer(csr.values);
    const name = `s${this.#tensors.length}`;
    const stored = this.#tensor(name, shape, float32, buffer, sparsityOf(this.#b, shape, csr));
    return this.apply('densify', [stored], shape);
  }

  /** A tensor of `shape` that an operator computes; an input of -1 is left out. */
  apply(
    operator: Operator,
    inputs: readonly TensorId[],
    shape: readonly number[],
    options: Readonly<Record<number, Field>> = {},
  ): TensorId {
    const b = this.#b;
    const output = this.value(`${operator}${this.#tensors.length}`, shape);
    let code = this.#codes.indexOf(operator);
    if (code < 0) code = this.#codes.push(operator) - 1;
    const [, kind] = operators[operator];
    const fields = {
      0: int(code),
      1: offset(ints(b, inputs)),
      2: offset(ints(b, [output])),
      ...(kind && { 3: byte(kind), 4: offset(table(b, options)) }),
    };
    this.#operators.push(table(b, fields));
    return output;
  }

  /** The bytes of the model. */
  finish(inputs: readonly TensorId[], outputs: readonly TensorId[]): Uint8Array {
    const b = this.#b;
    const subgraph = table(b, {
      0: offset(offsets(b, this.#tensors)),
      1: offset(ints(b, inputs)),
      2: offset(ints(b, outputs)),
      3: offset(offsets(b, this.#operators)),
    });
    const codes = this.#codes.map((operator) => {
      const [code] = operators[operator];
      return table(b, { 0: byte(code), 2: int(1), 3: int(code) });
    });
    const model = table(b, {
      0: int(3),
      1: offset(offsets(b, codes)),
      2: offset(offsets(b, [subgraph])),
      4: offset(offsets(b, this.#buffers)),
    });
    b.finish(model, 'TFL3');
    return b.asUint8Array();
  }

  #buffer(numbers: Float32Array | Int32Array): number {
    return this.#buffers.push(table(this.#b, { 0: offset(bytes(this.#b, numbers)) })) - 1;
  }

  #tensor(
    name: string,
    shape: readonly number[],
    type: number,
    buffer: number,
    sparsity?: Offset,
  ): TensorId {
    const b = this.#b;
    const [text, sizes] = [b.createString(name), ints(b, shape)];
    const fields = {
      0: offset(sizes),
      1: byte(type),
      2: int(buffer),
      3: offset(text),
      ...(sparsity !== undefined && { 6: offset(sparsity) }),
    };
    return this.#tensors.push(table(b, fields)) - 1;
  }
}
