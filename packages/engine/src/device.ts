// Tensors in a backend's memory: making them, copying host tensors there, and keeping what is derived from
// them (copies in other layouts, what kernels prepare) until they change or go.
import {
  byteWidth,
  encodedTensor,
  ensureSound,
  host,
  isDense,
  SparseError,
  Tensor,
  valueCount,
  valueView,
  type Backend,
  type Block,
  type DType,
  type Encoded,
  type Format,
  type Home,
  type Kernel,
  type Operand,
  type OperandType,
  type Pattern,
  type Storage,
  type ValueArray,
} from '@lacuna/ir';
import type { Listener } from './events.js';
import { Patterns } from './patterns.js';

/** Something derived from a tensor. */
interface Derived {
  readonly value: unknown;
  readonly free: () => void;
}

/** A backend's memory as a place for tensors. */
export class Device {
  #backend: Backend;
  readonly patterns: Patterns;
  readonly live = new Set<Tensor>();
  readonly #emit: Listener;
  #derived = new WeakMap<Tensor, Map<unknown, Derived>>();

  constructor(backend: Backend, emit: Listener) {
    this.#backend = backend;
    this.#emit = emit;
    this.patterns = new Patterns({
      put: (bytes) => this.put(bytes),
      free: (block) => this.free(block),
    });
  }

  get backend(): Backend {
    return this.#backend;
  }

  /**
   * Moves to a fresh backend: tensors with a copy have its values there, all others are lost. The old backend
   * is disposed, and nothing is freed there.
   */
  move(backend: Backend, copies: ReadonlyMap<Tensor, Tensor>): void {
    this.#backend.dispose();
    this.#backend = backend;
    this.#derived = new WeakMap();
    this.patterns.forget();
    for (const tensor of this.live) storageOf(tensor).move(copies.get(tensor)?.values);
  }

  alloc(bytes: number): Block {
    const block = this.backend.memory.alloc(Math.max(1, bytes));
    this.#emit({ type: 'alloc', bytes: block.bytes, used: this.backend.memory.used });
    return block;
  }

  free(block: Block): void {
    this.backend.memory.free(block);
    this.#emit({ type: 'free', bytes: block.bytes, used: this.backend.memory.used });
  }

  /** A block with these bytes in it. */
  put(bytes: ArrayBufferView): Block {
    const block = this.alloc(bytes.byteLength);
    this.backend.memory.write(block, bytes);
    return block;
  }

  /** A tensor over a block that it owns, or over what a codec wrote. */
  tensor(home: Home, pattern: Pattern, dtype: DType, values: Block | Encoded): Tensor {
    const storage = new DeviceStorage(this, home, pattern, dtype, values);
    const tensor = new Tensor(pattern, dtype, storage);
    storage.tensor = tensor;
    this.patterns.retain(pattern);
    this.live.add(tensor);
    return tensor;
  }

  /** A copy of a host tensor in this memory; nothing is left behind where it does not fit. */
  upload(home: Home, source: Tensor): Tensor {
    ensureSound(source.pattern);
    const values = source.storage.encoded ?? this.put(source.values);
    return this.tensor(home, source.pattern, source.dtype, values);
  }

  /** A copy in another layout, where the backend makes that in its own memory; undefined where it does not. */
  change(home: Home, tensor: Tensor, to: Format): Tensor | undefined {
    const { backend } = this;
    if (!backend.change || tensor.home !== home || tensor.codec) return undefined;
    const { pattern, dtype, shape, stored, format } = tensor;
    const type = { format, shape, dtype, stored, constant: false, pattern };
    const made = backend.change(this.operand(type, pattern, this.blockOf(tensor), 0), to);
    if (!made) return undefined;
    const { used } = backend.memory;
    for (const block of [made.structure, made.values])
      if (block) this.#emit({ type: 'alloc', bytes: block.bytes, used });
    const copy = this.tensor(home, made.pattern, dtype, made.values);
    if (made.structure) this.patterns.adopt(made.pattern, made.structure);
    return copy;
  }

  /** This memory's tensor for `tensor`: itself, or a copy of a host tensor that lives as long as it does. */
  own(home: Home, tensor: Tensor): Tensor {
    if (tensor.home !== host) return tensor;
    return this.derive(tensor, home, () => {
      const copy = this.upload(home, tensor);
      return { value: copy, free: () => copy.dispose() };
    });
  }

  /** Where the values of one of this memory's tensors are. Throws `disposed` where it is. */
  blockOf(tensor: Tensor): Block {
    return storageOf(tensor).block;
  }

  /** Where the bytes are that a codec wrote. */
  codesOf(tensor: Tensor): Block {
    return storageOf(tensor).codes;
  }

  /** Tells listeners that bytes were read back. */
  noteRead(bytes: number): void {
    this.#emit({ type: 'read', bytes });
  }

  /** A tensor as an operand; `kernel` says whether its flat index is wanted for input (or output) `k`. */
  operand(
    type: OperandType,
    pattern: Pattern,
    values: Block,
    k: number | 'output',
    kernel?: Kernel,
  ): Operand {
    if (isDense(pattern.format)) return { ...type, pattern, values };
    const structure = this.patterns.structureOf(pattern);
    const index = kernel?.index?.includes(k) ? this.patterns.indexOf(pattern) : undefined;
    const derive = kernel?.derive?.[k];
    const derived = derive && this.patterns.derivedOf(pattern, derive);
    return {
      ...type,
      pattern,
      values,
      ...(structure && { structure }),
      ...(index && { index }),
      ...(derived && { derived }),
    };
  }

  /** What `make` derives from a tensor, made once a key and kept until the tensor changes or goes. */
  derive<T>(
    tensor: Tensor,
    key: unknown,
    make: () => { readonly value: T; readonly free: () => void },
  ): T {
    let kept = this.#derived.get(tensor);
    if (!kept) {
      this.#derived.set(tensor, (kept = new Map()));
      if (tensor.home === host) tensor.onDispose(() => this.touch(tensor));
    }
    let derived = kept.get(key);
    if (!derived) kept.set(key, (derived = make()));
    return derived.value as T;
  }

  /** Forgets what was derived from a tensor: its values have changed, or it goes. */
  touch(tensor: Tensor): void {
    if (tensor.home !== host && !tensor.disposed) storageOf(tensor).forgetCodes();
    const kept = this.#derived.get(tensor);
    if (!kept) return;
    for (const { free } of kept.values()) free();
    kept.clear();
  }

  /** Values of a tensor of this memory, where memory is the host's. */
  view(tensor: Tensor): ValueArray | undefined {
    const bytes = this.backend.memory.view?.(this.blockOf(tensor));
    return (
      bytes && valueView(tensor.dtype, bytes.buffer, bytes.byteOffset, valueCount(tensor.pattern))
    );
  }
}

const storageOf = (tensor: Tensor): DeviceStorage => tensor.storage as DeviceStorage;

/**
 * The storage of a tensor in a backend's memory. What a codec wrote is kept on the host until other values are
 * written, and goes to the device as each kernel wants it, as it is or decoded.
 */
class DeviceStorage implements Storage {
  tensor!: Tensor;
  encoded: Encoded | undefined;
  readonly home: Home;
  #block: Block | undefined;
  #codes: Block | undefined;
  readonly #device: Device;
  readonly #pattern: Pattern;
  readonly #dtype: DType;

  constructor(device: Device, home: Home, pattern: Pattern, dtype: DType, values: Block | Encoded) {
    this.#device = device;
    this.home = home;
    this.#pattern = pattern;
    this.#dtype = dtype;
    if ('codec' in values) this.encoded = values;
    else this.#block = values;
  }

  /** @throws SparseError `device-lost` where the values went with the device that had them. */
  get block(): Block {
    if (this.#block) return this.#block;
    if (this.encoded) return (this.#block = this.#device.put(this.#decoded(this.encoded)));
    throw new SparseError('device-lost', `${this.tensor.toString()} was on a device that is lost`, {
      hint: 'pass its copy to engine.restore(backend, copies)',
    });
  }

  /** The bytes that the codec wrote, in the backend's memory. */
  get codes(): Block {
    return (this.#codes ??= this.#device.put(this.encoded!.bytes));
  }

  #decoded(encoded: Encoded): ValueArray {
    return encodedTensor(this.#pattern, encoded).values;
  }

  /** Puts the values into another memory, or is lost. */
  move(values: ValueArray | undefined): void {
    this.#codes = undefined;
    this.#block = values && !this.encoded ? this.#device.put(values) : undefined;
  }

  /** The values are others than the codec wrote. */
  forgetCodes(): void {
    if (!this.encoded) return;
    this.encoded = undefined;
    if (this.#codes) this.#device.free(this.#codes);
    this.#codes = undefined;
  }

  async read(): Promise<ValueArray> {
    if (this.encoded) return this.#decoded(this.encoded);
    const count = valueCount(this.#pattern);
    const bytes = count * byteWidth(this.#dtype);
    const copy = await this.#device.backend.memory.read(this.block, bytes);
    this.#device.noteRead(bytes);
    return valueView(this.#dtype, copy.buffer, copy.byteOffset, count);
  }

  free(): void {
    this.#device.live.delete(this.tensor);
    this.#device.touch(this.tensor);
    this.forgetCodes();
    this.#device.patterns.release(this.#pattern);
    if (this.#block) this.#device.free(this.#block);
  }
}
