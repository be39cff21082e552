// Reads a TFLite model again: what tests compare with what was to be written.
import { ByteBuffer } from 'flatbuffers';

/** Operators, and tensors with what constants hold; places of fields are those of TensorFlow Lite's schema.fbs. */
export function read(bytes: Uint8Array) {
  const buffer = new ByteBuffer(bytes);
  const model = new Table(buffer, buffer.readInt32(0));
  const codes = model.tables(1).map((code) => code.int(3));
  const data = model.tables(4);
  const graph = model.tables(2)[0]!;
  return {
    inputs: graph.ints(1),
    outputs: graph.ints(2),
    operators: graph.tables(3).map((operator) => ({
      code: codes[operator.int(0)],
      inputs: operator.ints(1),
      outputs: operator.ints(2),
    })),
    tensors: graph.tables(0).map((tensor) => {
      const numbers = data[tensor.int(2)]!.floats(0);
      const where = tensor.table(6);
      return {
        shape: tensor.ints(0),
        ...(numbers.length > 0 && { numbers }),
        ...(where && { csr: csrOf(where) }),
      };
    }),
  };
}

function csrOf(where: Table) {
  const dims = where.tables(2);
  const last = dims.at(-1)!;
  return {
    order: where.ints(0),
    sizes: dims.slice(0, -1).map((dim) => dim.int(1)),
    segments: last.table(3)!.ints(0),
    indices: last.table(5)!.ints(0),
  };
}

/** A table at some place; fields that are absent are 0 and empty. */
class Table {
  readonly #buffer: ByteBuffer;
  readonly #at: number;
  constructor(buffer: ByteBuffer, at: number) {
    [this.#buffer, this.#at] = [buffer, at];
  }
  int(field: number): number {
    const at = this.#field(field);
    return at ? this.#buffer.readInt32(at) : 0;
  }
  ints(field: number): number[] {
    return this.#vector(field, (at) => this.#buffer.readInt32(at));
  }
  /** Bytes as floats. */
  floats(field: number): number[] {
    const read = (at: number): number => this.#buffer.readFloat32(at);
    return this.#vector(field, read, 4);
  }
  table(field: number): Table | undefined {
    const at = this.#field(field);
    return at ? new Table(this.#buffer, this.#buffer.__indirect(at)) : undefined;
  }
  tables(field: number): Table[] {
    return this.#vector(field, (at) => new Table(this.#buffer, this.#buffer.__indirect(at)));
  }
  /** Entries of four bytes, of which the length counts `each`. */
  #vector<T>(field: number, at: (place: number) => T, each = 1): T[] {
    const from = this.#field(field);
    const length = from ? this.#buffer.__vector_len(from) / each : 0;
    const start = from && this.#buffer.__vector(from);
    return Array.from({ length }, (_, n) => at(start + 4 * n));
  }
  /** Where a field is, or 0. */
  #field(field: number): number {
    const from = this.#buffer.__offset(this.#at, 4 + 2 * field);
    return from && this.#at + from;
  }
}
