// Memory of the host as a backend's: each block is an ArrayBuffer of its own, counted against a limit.
import { SparseError, type Block, type Memory } from '@lacuna/ir';

/** A block of host memory: its bytes are at hand. */
export class HostBlock implements Block {
  readonly data: Uint8Array<ArrayBuffer>;
  /** @internal Where the memory came from, undefined once it is given back; parts share it with their block. */
  readonly lease: Lease;

  /** @internal */
  constructor(data: Uint8Array<ArrayBuffer>, lease: Lease) {
    this.data = data;
    this.lease = lease;
  }
  get bytes(): number {
    return this.data.byteLength;
  }
}

/** One allocation. */
interface Lease {
  memory: HostMemory | undefined;
  readonly bytes: number;
}

/** Host memory in blocks, never more than `limit` bytes of them. */
export class HostMemory implements Memory {
  readonly limit: number;
  #used = 0;
  #disposed = false;

  constructor(limit: number) {
    this.limit = limit;
  }
  get used(): number {
    return this.#used;
  }

  alloc(bytes: number): HostBlock {
    if (this.#disposed) throw new SparseError('disposed', 'the reference backend is disposed');
    const size = Math.ceil(bytes / 16) * 16;
    if (!(bytes >= 0) || size > this.limit - this.#used) throw this.#full(bytes);
    let data: Uint8Array<ArrayBuffer>;
    try {
      data = new Uint8Array(size);
    } catch (cause) {
      throw this.#full(bytes, cause);
    }
    this.#used += size;
    return new HostBlock(data, { memory: this, bytes: size });
  }

  free(block: Block): void {
    const { lease, bytes } = this.#own(block);
    if (bytes !== lease.bytes)
      throw new SparseError('home', 'a part of a block was freed', {
        hint: 'free the whole block',
      });
    lease.memory = undefined;
    this.#used -= bytes;
  }

  part(block: Block, offset: number, bytes: number): HostBlock {
    const { data, lease } = this.#own(block);
    if (!(offset >= 0 && bytes >= 0 && offset + bytes <= data.byteLength))
      throw this.#outside(offset + bytes, data.byteLength);
    return new HostBlock(data.subarray(offset, offset + bytes), lease);
  }

  copy(from: Block, to: Block, bytes: number): void {
    this.write(to, this.#own(from).data.subarray(0, bytes));
  }

  write(block: Block, bytes: ArrayBufferView): void {
    const { data } = this.#own(block);
    if (bytes.byteLength > data.byteLength) throw this.#outside(bytes.byteLength, data.byteLength);
    data.set(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  async read(block: Block, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
    const { data } = this.#own(block);
    if (bytes > data.byteLength) throw this.#outside(bytes, data.byteLength);
    return Promise.resolve(data.slice(0, bytes));
  }

  view(block: Block): Uint8Array<ArrayBuffer> {
    return this.#own(block).data;
  }

  /** Forgets all blocks; whatever is asked afterwards is refused. */
  dispose(): void {
    this.#disposed = true;
    this.#used = 0;
  }

  #own(block: Block): HostBlock {
    if (!(block instanceof HostBlock))
      throw new SparseError(
        'home',
        'a block of another backend was given to the reference backend',
      );
    if (this.#disposed || block.lease.memory === undefined)
      throw new SparseError('disposed', 'a block was used after it was freed');
    if (block.lease.memory !== this)
      throw new SparseError('home', 'a block of another reference backend was given');
    return block;
  }

  #outside(end: number, bytes: number): SparseError {
    return new SparseError('capacity', `byte ${end} was asked of a block of ${bytes} bytes`);
  }

  #full(bytes: number, cause?: unknown): SparseError {
    return new SparseError(
      'capacity',
      `${bytes} bytes were asked for, and ${this.#used} of ${this.limit} are in use`,
      { cause, hint: 'dispose tensors that are not needed, or raise the limit' },
    );
  }
}
