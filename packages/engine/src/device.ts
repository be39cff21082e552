// Tensors in a backend's memory: uploading them, sharing one structure among the tensors of a pattern, and
// keeping what kernels prepare from them for as long as they live.
import {
  byteWidth,
  host,
  Tensor,
  valueCount,
  valueView,
  type Backend,
  type Block,
  type DType,
  type Home,
  type Kernel,
  type Pattern,
  type Signature,
  type ValueArray,
} from '@lacuna/ir';
import type { Listener } from './events.js';

/** A backend's memory as a place for tensors. */
export class Device {
  readonly backend: Backend;
  readonly #emit: Listener;
  readonly #structures = new Map<Pattern, { block: Block; users: number }>();
  readonly #blocks = new WeakMap<Tensor, Block>();
  readonly #copies = new WeakMap<Tensor, Tensor>();
  readonly #prepared = new WeakMap<Tensor, Map<Kernel, Block>>();
  readonly live = new Set<Tensor>();

  constructor(backend: Backend, emit: Listener) {
    this.backend = backend;
    this.#emit = emit;
  }

  alloc(bytes: number): Block {
    const block = this.backend.memory.alloc(bytes);
    this.#emit({ type: 'alloc', bytes: block.bytes, used: this.backend.memory.used });
    return block;
  }

  free(block: Block): void {
    this.backend.memory.free(block);
    this.#emit({ type: 'free', bytes: block.bytes, used: this.backend.memory.used });
  }

  /** A tensor over a block that it owns. */
  tensor(home: Home, pattern: Pattern, dtype: DType, block: Block): Tensor {
    const bytes = valueCount(pattern) * byteWidth(dtype);
    const tensor: Tensor = new Tensor(pattern, dtype, {
      home,
      read: async () => {
        const copy = await this.backend.memory.read(block, bytes);
        this.#emit({ type: 'read', bytes });
        return valueView(dtype, copy.buffer, copy.byteOffset, valueCount(pattern));
      },
      free: () => {
        this.live.delete(tensor);
        this.free(block);
      },
    });
    this.#blocks.set(tensor, block);
    this.live.add(tensor);
    return tensor;
  }

  /** A copy of a host tensor in this memory; nothing is left behind where it does not fit. */
  upload(home: Home, source: Tensor): Tensor {
    const { values } = source;
    const block = this.alloc(Math.max(1, values.byteLength));
    this.backend.memory.write(block, values);
    return this.tensor(home, source.pattern, source.dtype, block);
  }

  /** This memory's tensor for `tensor`: itself, or a copy of a host tensor that lives as long as it does. */
  own(home: Home, tensor: Tensor): Tensor {
    if (tensor.home !== host) return tensor;
    let copy = this.#copies.get(tensor);
    if (!copy || copy.disposed) {
      const made = (copy = this.upload(home, tensor));
      this.#copies.set(tensor, made);
      tensor.onDispose(() => made.dispose());
    }
    return copy;
  }

  blockOf(tensor: Tensor): Block {
    void tensor.storage; // throws after dispose
    return this.#blocks.get(tensor)!;
  }

  /** The structure of a tensor's pattern, shared with the other tensors of that pattern. */
  structureOf(tensor: Tensor): Block | undefined {
    const { pattern } = tensor;
    if (pattern.structure.byteLength === 0) return undefined;
    const shared = this.retain(pattern);
    if (!this.#holders.has(tensor)) {
      this.#holders.add(tensor);
      tensor.onDispose(() => this.release(pattern));
    } else this.release(pattern);
    return shared;
  }
  readonly #holders = new WeakSet<Tensor>();

  /** Uploads a pattern's structure, or counts one more user of it. */
  retain(pattern: Pattern): Block {
    let entry = this.#structures.get(pattern);
    if (!entry) {
      const block = this.alloc(pattern.structure.byteLength);
      this.backend.memory.write(block, pattern.structure);
      this.#structures.set(pattern, (entry = { block, users: 0 }));
    }
    entry.users++;
    return entry.block;
  }

  /** Counts one user less, and frees the structure with the last. */
  release(pattern: Pattern): void {
    const entry = this.#structures.get(pattern);
    if (!entry || --entry.users > 0) return;
    this.#structures.delete(pattern);
    this.free(entry.block);
  }

  /** What `kernel` prepares from input k, kept on the tensor. `onHost` has its values. */
  preparedOf(
    tensor: Tensor,
    kernel: Kernel,
    k: number,
    signature: Signature,
    onHost: () => Tensor,
  ): Block | undefined {
    const prepare = kernel.prepare?.[k];
    if (!prepare) return undefined;
    let kept = this.#prepared.get(tensor);
    if (!kept) {
      const map = (kept = new Map<Kernel, Block>());
      this.#prepared.set(tensor, map);
      tensor.onDispose(() => map.forEach((block) => this.free(block)));
    }
    let block = kept.get(kernel);
    if (!block) {
      const bytes = prepare(onHost(), signature);
      block = this.alloc(Math.max(1, bytes.byteLength));
      this.backend.memory.write(block, bytes);
      kept.set(kernel, block);
    }
    return block;
  }

  /** Values of a tensor of this memory, where memory is the host's. */
  view(tensor: Tensor): ValueArray | undefined {
    const bytes = this.backend.memory.view?.(this.blockOf(tensor));
    return (
      bytes && valueView(tensor.dtype, bytes.buffer, bytes.byteOffset, valueCount(tensor.pattern))
    );
  }
}
