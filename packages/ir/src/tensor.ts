// A tensor is a pattern, values and a home: the memory its values live in, and the engine that runs ops
// on them. Tensors made from arrays live on the host until an engine is given them.
import { structureBytes } from './buffers.js';
import type { Block } from './kernel.js';
import type { Codec } from './codec.js';
import { printFormat, quantised } from './format.js';
import { byteWidth, decodeValues, type DType, type ValueArray } from './dtype.js';
import type { Emit } from './emit.js';
import type { Encoded } from './encoded.js';
import { SparseError } from './error.js';
import type { Format, Shape } from './layout.js';
import { valueCount, type Pattern } from './pattern.js';
import type { Op } from './op.js';

/** A memory with an engine over it. */
export interface Home {
  readonly name: string;
  /** Notes ops in a graph instead of running them; wins over other homes. */
  readonly tracing?: boolean;
  /** Rewrites ops on what stands for a tensor into ops on tensors; wins over all homes. */
  readonly composing?: boolean;
  /** Runs one op; at least one input is of this home, the others of it or of the host. */
  apply(op: Op, inputs: readonly (Tensor | undefined)[], attrs: object, emit?: Emit): Tensor;
}

/** What stands for a tensor in an op's call without being one, such as a composition: its home computes with it. */
export interface Composed {
  readonly shape: Shape;
  readonly home: Home;
  /** Its parts, and how the same is made of others. */
  readonly apart: () => Apart;
  /** What it is made of, and its shape. */
  toString(): string;
}

/** What stands for a tensor, taken apart. */
export interface Apart {
  /** Parts by names that say how they are combined: `sum(0)`, `sum(1)`. */
  readonly parts: Readonly<Record<string, Tensor | Composed>>;
  /** The same of other parts, in this order. */
  readonly joined: (parts: readonly (Tensor | Composed)[]) => Composed;
}

/** Whether something stands for a tensor without being one. */
export function isComposed(x: unknown): x is Composed {
  return typeof x === 'object' && x !== null && 'home' in x && 'apart' in x;
}

/** Where a tensor's values are. */
export interface Storage {
  readonly home: Home;
  /** The values themselves, where memory is the host's and the view is safe to keep. */
  readonly values?: ValueArray;
  /** The values as a codec wrote them, which `values` has decoded. */
  readonly encoded?: Encoded | undefined;
  /** Where the values are in a backend's memory; absent on the host. */
  readonly block?: Block;
  /** A copy of the values. */
  read(): Promise<ValueArray>;
  /** Gives the memory back; called once. */
  free(): void;
}

/** The home of tensors that belong to no engine: plain arrays. */
export const host: Home = {
  name: 'host',
  apply(op) {
    throw new SparseError('home', `${op.opName} was called on tensors that belong to no engine`, {
      hint: 'write engine.tensor(data, shape), or engine.put(tensor), for at least one of them',
    });
  },
};

/**
 * A tensor of any layout.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * const t = assemble(dense(), [2, 2], Float32Array.of(1, 0, 0, 2));
 * t.shape; // [2, 2]
 * t.toString(); // 'dense [2, 2] float32, 4 stored'
 * ```
 */
export class Tensor {
  #disposed = false;
  #onDispose: (() => void)[] | undefined;
  readonly #storage: Storage;
  readonly pattern: Pattern;
  readonly dtype: DType;

  constructor(pattern: Pattern, dtype: DType, storage: Storage) {
    this.pattern = pattern;
    this.dtype = dtype;
    this.#storage = storage;
  }

  get shape(): Shape {
    return this.pattern.shape;
  }
  /** The pattern's format, with the codec that wrote the values if there is one. */
  get format(): Format {
    const { codec } = this;
    return codec ? quantised(this.pattern.format, codec) : this.pattern.format;
  }
  /** What wrote the values; absent: they are kept as they are. */
  get codec(): Codec | undefined {
    return this.#storage.encoded?.codec;
  }
  get home(): Home {
    return this.#storage.home;
  }
  get disposed(): boolean {
    return this.#disposed;
  }
  /** Values that are stored, explicit zeros and padding included. */
  get stored(): number {
    return valueCount(this.pattern);
  }
  /** Bytes of values and structure. */
  get bytes(): number {
    const values = this.#storage.encoded?.bytes.byteLength ?? this.stored * byteWidth(this.dtype);
    return values + structureBytes(this.pattern.buffers);
  }
  /** Where the values are, for engines. Throws `disposed` after {@link dispose}. */
  get storage(): Storage {
    if (this.#disposed)
      throw new SparseError('disposed', `${this.toString()} was used after dispose()`, {
        hint: 'dispose it later, or keep what you need from it with read()',
      });
    return this.#storage;
  }
  /** The stored values, where the host has them. Throws `home` for a tensor of an engine: use {@link read}. */
  get values(): ValueArray {
    const { values, home } = this.storage;
    if (!values)
      throw new SparseError('home', `the values of a tensor live in ${home.name}`, {
        hint: 'write await tensor.read()',
      });
    return values;
  }
  /**
   * A copy of the stored values, 16-bit floats decoded: a Float32Array, but for tensors of float64 and int32,
   * where one writes `read<Float64Array>()`.
   */
  async read<T extends Float32Array | Float64Array | Int32Array = Float32Array>(): Promise<T> {
    return decodeValues(this.dtype, await this.storage.read()) as T;
  }
  /** Runs `free` when this tensor is disposed: for what an engine keeps beside it. */
  onDispose(free: () => void): void {
    (this.#onDispose ??= []).push(free);
  }
  /** Gives the memory back. A second call does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#storage.free();
    for (const free of this.#onDispose ?? []) free();
    this.#onDispose = undefined;
  }
  [Symbol.dispose](): void {
    this.dispose();
  }
  toString(): string {
    return `${printFormat(this.format)} [${this.shape.join(', ')}] ${this.dtype}, ${this.stored} stored`;
  }
}

/**
 * A tensor on the host from a pattern and its values.
 *
 * @throws SparseError `shape` where the number of values is not the pattern's.
 */
export function makeTensor(pattern: Pattern, dtype: DType, values: ValueArray): Tensor {
  if (values.length !== valueCount(pattern)) {
    throw new SparseError(
      'shape',
      `${printFormat(pattern.format)} of [${pattern.shape.join(', ')}] stores ${valueCount(pattern)} values, and ${values.length} were given`,
    );
  }
  const copy = (): Promise<ValueArray> => Promise.resolve(values.slice());
  void pattern.structure; // brought here now: a tensor of the host outlives the engine that made its pattern
  return new Tensor(pattern, dtype, { home: host, values, read: copy, free: () => {} });
}
