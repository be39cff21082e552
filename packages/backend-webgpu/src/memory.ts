// Memory as buffers: a block is a buffer of its own, from a pool, or a range of one. A kernel may not read and
// write one buffer at once, so blocks are `separate`: nothing that is alive together shares one.
import { SparseError, type Block, type Memory } from '@lacuna/ir';
import type { Counters } from './counters.js';
import type { Encoder } from './encoder.js';
import { typed, type Failures } from './failures.js';
import { Pool, sizeClass, usage } from './pool.js';

/** A buffer on loan; parts share it with their block. */
export interface Lease {
  memory: GpuMemory | undefined;
  readonly buffer: GPUBuffer;
  /** Whose buffer it is: another's is neither counted, nor used again, nor destroyed. */
  readonly foreign?: boolean;
}

/** A range of a buffer. */
export class GpuBlock implements Block {
  readonly offset: number;
  readonly bytes: number;
  readonly lease: Lease;

  constructor(lease: Lease, offset: number, bytes: number) {
    [this.lease, this.offset, this.bytes] = [lease, offset, bytes];
  }
  /** The buffer itself, to share with other users of the same device: bytes `offset .. offset + bytes`. */
  get buffer(): GPUBuffer {
    return this.lease.buffer;
  }
}

/** What memory works with. */
export interface MemoryParts {
  readonly device: GPUDevice;
  readonly encoder: Encoder;
  readonly failures: Failures;
  readonly limit: number;
  readonly counters: Counters;
}

const idle = 2 ** 28;
const round = (bytes: number, to: number): number => Math.ceil(bytes / to) * to;

/** Buffers of one device, counted against a limit. */
export class GpuMemory implements Memory {
  readonly separate = true;
  readonly limit: number;
  readonly #parts: MemoryParts;
  readonly #pool: Pool;
  readonly #staging: Pool;
  readonly #live = new Set<Lease>();
  /** Buffers that the device had no memory for: nobody is to have them again. */
  readonly #refused = new WeakSet<GPUBuffer>();
  #used = 0;
  #disposed = false;

  /** @internal */
  constructor(parts: MemoryParts) {
    [this.#parts, this.limit] = [parts, parts.limit];
    const maker = (flags: number) => (size: number) => this.#create(size, flags);
    const destroy = (buffer: GPUBuffer): void => {
      parts.encoder.submit(); // what is waiting may still use it
      buffer.destroy();
    };
    this.#pool = new Pool(
      idle,
      destroy,
      maker(usage.storage | usage.copySource | usage.copyTarget),
    );
    this.#staging = new Pool(idle / 4, destroy, maker(usage.mapRead | usage.copyTarget));
  }

  get used(): number {
    return this.#used;
  }

  /**
   * A buffer, which the device may say later that it has no memory for. Commands with such a one take down all that are
   * sent with them, so that what is waiting is sent before.
   */
  #create(size: number, flags: number): GPUBuffer {
    const { device, encoder, failures } = this.#parts;
    encoder.submit();
    const buffer = failures.watch(
      () => device.createBuffer({ size, usage: flags }),
      (cause) => {
        this.#refused.add(buffer);
        for (const pool of [this.#pool, this.#staging]) pool.drop(buffer);
        encoder.discard();
        return typed(cause);
      },
    );
    return buffer;
  }

  /** Gives a buffer back to a pool, if there is one. */
  #give(pool: Pool, buffer: GPUBuffer): void {
    if (this.#refused.has(buffer)) buffer.destroy();
    else pool.give(buffer);
  }

  #alive(): void {
    if (this.#disposed)
      throw new SparseError('disposed', 'the WebGPU backend was used after dispose()', {
        hint: 'create another engine',
      });
    this.#parts.failures.check();
  }

  alloc(bytes: number): GpuBlock {
    this.#alive();
    const most = this.#parts.device.limits.maxBufferSize;
    const size = Math.min(sizeClass(bytes), most); // the largest class may end where no buffer does
    if (!(bytes >= 0) || size > this.limit - this.#used || bytes > most)
      throw new SparseError(
        'capacity',
        `${bytes} bytes do not fit: ${this.#used} of ${this.limit} are in use, and a buffer has at most ${most}`,
        {
          hint: 'dispose tensors that are done with, or split the work',
          detail: { asked: bytes, used: this.#used, limit: this.limit },
        },
      );
    const lease: Lease = { memory: this, buffer: this.#pool.take(size) };
    this.#live.add(lease);
    this.#used += size;
    return new GpuBlock(lease, 0, Math.min(round(bytes, 16) || 16, size));
  }

  /** A block that is not counted, for the backend's own use; it lives as long as the memory. */
  spare(bytes: number): GpuBlock {
    const lease: Lease = { memory: this, buffer: this.#pool.take(sizeClass(bytes)) };
    this.#live.add(lease);
    return new GpuBlock(lease, 0, bytes);
  }

  /** A range of another's buffer as a block. */
  wrap(buffer: GPUBuffer, offset: number, bytes: number): GpuBlock {
    this.#alive();
    return new GpuBlock({ memory: this, buffer, foreign: true }, offset, bytes);
  }

  free(block: Block): void {
    if (this.#disposed) return; // everything was given back at once
    const { lease } = this.#known(block);
    lease.memory = undefined;
    if (lease.foreign) return;
    this.#live.delete(lease);
    this.#used -= lease.buffer.size;
    this.#give(this.#pool, lease.buffer);
  }

  part(block: Block, offset: number, bytes: number): GpuBlock {
    const { lease, offset: start, bytes: whole } = this.own(block);
    if (!(offset >= 0 && bytes >= 0 && offset + bytes <= whole))
      throw this.#outside(offset + bytes, whole);
    return new GpuBlock(lease, start + offset, bytes);
  }

  /** Lengths that are no multiple of 4 clear the bytes up to the next one. */
  write(block: Block, source: ArrayBufferView): void {
    this.#alive();
    const { buffer, offset, bytes } = this.own(block);
    const { byteLength } = source;
    if (byteLength > bytes) throw this.#outside(byteLength, bytes);
    if (byteLength === 0) return; // Deno's process ends where nothing is written
    const whole = byteLength % 4 === 0;
    const data = new Uint8Array(whole ? byteLength : round(byteLength, 4));
    const from = new Uint8Array(source.buffer, source.byteOffset, byteLength);
    if (!whole) data.set(from);
    this.#parts.encoder.submit();
    const { queue } = this.#parts.device;
    queue.writeBuffer(buffer, offset, (whole ? from : data) as Uint8Array<ArrayBuffer>);
  }

  copy(from: Block, to: Block, bytes: number): void {
    this.#alive();
    const [source, target] = [this.own(from), this.own(to)];
    if (bytes > source.bytes || bytes > target.bytes)
      throw this.#outside(bytes, Math.min(source.bytes, target.bytes));
    if (bytes > 0) this.#parts.encoder.copy(source, target, round(bytes, 4));
  }

  async read(block: Block, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
    this.#alive();
    const source = this.own(block);
    const whole = source.bytes;
    if (bytes > whole) throw this.#outside(bytes, whole);
    if (bytes === 0) return new Uint8Array(0);
    const { encoder, failures } = this.#parts;
    const staging = this.#staging.take(
      Math.min(sizeClass(bytes), this.#parts.device.limits.maxBufferSize),
    );
    encoder.copy(source, { buffer: staging, offset: 0 }, round(bytes, 4));
    encoder.submit();
    this.#parts.counters.readbacks++;
    try {
      await staging.mapAsync(1, 0, round(bytes, 4));
      const copy = new Uint8Array(staging.getMappedRange(0, round(bytes, 4)).slice(0, bytes));
      staging.unmap();
      failures.check();
      return copy;
    } catch (cause) {
      await Promise.resolve(); // the loss itself may be told a moment later
      failures.check();
      if (cause instanceof SparseError) throw cause;
      throw new SparseError('device-lost', 'reading from the GPU failed', { cause });
    } finally {
      if (!this.#disposed && !failures.lost) this.#give(this.#staging, staging);
    }
  }

  /**
   * @throws SparseError `home` for a block of another memory, `disposed` for one that was freed, `capacity` for one that
   * the device had no memory for.
   */
  own(block: Block): GpuBlock {
    const own = this.#known(block);
    if (this.#refused.has(own.buffer))
      throw new SparseError('capacity', 'the GPU was out of memory when this was made', {
        hint: 'dispose it, and what else is done with, and compute it again',
      });
    return own;
  }

  #known(block: Block): GpuBlock {
    if (!(block instanceof GpuBlock))
      throw new SparseError('home', 'a block of another backend was given to WebGPU', {
        hint: 'copy the tensor with engine.put(await other.get(tensor))',
      });
    if (block.lease.memory === undefined)
      throw new SparseError('disposed', 'a block was used after it was freed');
    if (block.lease.memory !== this)
      throw new SparseError('home', 'a block of another WebGPU device was given');
    return block;
  }

  #outside(end: number, bytes: number): SparseError {
    return new SparseError('capacity', `byte ${end} was asked of a block of ${bytes} bytes`);
  }

  /** Destroys every buffer; whatever is asked afterwards is refused. */
  dispose(): void {
    this.#disposed = true;
    for (const lease of this.#live) lease.buffer.destroy();
    this.#live.clear();
    this.#pool.clear();
    this.#staging.clear();
    this.#used = 0;
  }
}
