// One WebAssembly.Memory, handed out in blocks. Only this file grows it, and no view of it is ever kept:
// growing detaches every view, while pointers stay what they are.
//
//   0       1 MiB                                                        limit
//   | stack | stacks of workers | block | free | block | block | free ...    |
//
// Free ranges are kept in order and joined with their neighbours; a block is the first range that fits.
import { SparseError, type Block, type Memory } from '@lacuna/ir';

/** A range of linear memory. */
export interface WasmBlock extends Block {
  /** Bytes from the start of memory: the pointer that kernels get. */
  readonly offset: number;
}

const page = 0x10000;
const hostPage = 0x1000;
/** On the caller's thread every module's stack lives below here; leaf kernels never nest, so they share it. */
const stacks = 0x100000;
/** A worker's stack: kernels keep small arrays there. */
const stackBytes = page;
const alignment = 64;

/** What an {@link Arena} may be told. */
export interface ArenaOptions {
  /** The most bytes that may be in use; default what WebAssembly can address. */
  readonly limit?: number;
  /** Threads that will run kernels; memory is shared where there are several. Default 1. */
  readonly threads?: number;
}

/** Linear memory as blocks of 64-byte alignment. */
export class Arena implements Memory {
  readonly memory: WebAssembly.Memory;
  readonly limit: number;
  readonly #live = new Map<number, WasmBlock>();
  readonly #house = new Set<WasmBlock>();
  #free: { offset: number; bytes: number }[] = [];
  #used = 0;
  #kept = 0;
  readonly #most: number;
  /** Everything below has been written to. */
  #touched: number;
  #disposed = false;

  /** @throws SparseError `capacity` where the host refuses even the first pages. */
  constructor({ limit = 0xffff0000, threads = 1 }: ArenaOptions = {}) {
    const start = stacks + (threads - 1) * stackBytes;
    [this.memory, this.#most] = reserve(start / page + 1, threads > 1);
    this.limit = Math.min(limit, this.#most * page - page);
    this.#free.push({ offset: start, bytes: page });
    this.#touched = start;
  }

  /** The top of a worker's stack; workers count from 1. */
  stackOf(thread: number): number {
    return stacks + thread * stackBytes;
  }

  get used(): number {
    return this.#used;
  }

  alloc(bytes: number): WasmBlock {
    const block = this.#take(bytes);
    this.#used += block.bytes;
    return block;
  }

  /** A block for the backend's own needs, which counts against the limit and not as used. */
  keep(bytes: number): WasmBlock {
    const block = this.#take(bytes);
    this.#house.add(block);
    this.#kept += block.bytes;
    return block;
  }

  #take(bytes: number): WasmBlock {
    if (this.#disposed)
      throw new SparseError('disposed', 'the memory of a WASM backend was used after dispose()', {
        hint: 'create another engine',
      });
    const size = Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
    if (this.#used + this.#kept + size > this.limit) throw this.#full(size);
    let at = this.#free.findIndex((range) => range.bytes >= size);
    if (at < 0) at = this.#grow(size);
    const range = this.#free[at]!;
    const block: WasmBlock = Object.freeze({ offset: range.offset, bytes: size });
    if (range.bytes === size) this.#free.splice(at, 1);
    else this.#free[at] = { offset: range.offset + size, bytes: range.bytes - size };
    this.#live.set(block.offset, block);
    this.#touch(block.offset + size);
    return block;
  }

  /** Writes to fresh pages, so that the host finds memory for them now and not in a kernel's first call. */
  #touch(end: number): void {
    if (end <= this.#touched) return;
    const bytes = new Uint8Array(this.memory.buffer);
    for (let at = this.#touched; at < end; at += hostPage) bytes[at] = 0;
    this.#touched = Math.ceil(end / hostPage) * hostPage;
  }

  /** Makes room for `size` bytes at the end; returns the free range that has it. */
  #grow(size: number): number {
    const end = this.memory.buffer.byteLength;
    const last = this.#free.at(-1);
    const open = last && last.offset + last.bytes === end ? last.bytes : 0;
    const missing = Math.ceil((size - open) / page);
    const generous = Math.min(
      Math.max(missing, Math.ceil(end / page / 2)),
      this.#most - end / page,
    );
    if (!this.#tryGrow(Math.max(missing, generous)) && !this.#tryGrow(missing))
      throw this.#full(size, `, and the host does not let memory grow beyond ${end} bytes`);
    this.#release(end, this.memory.buffer.byteLength - end);
    return this.#free.length - 1;
  }

  #tryGrow(pages: number): boolean {
    try {
      this.memory.grow(pages);
      return true;
    } catch {
      return false; // the caller asks for less, and reports what is left
    }
  }

  #full(size: number, why = ''): SparseError {
    return new SparseError(
      'capacity',
      `${size} bytes do not fit: ${this.#used} of ${this.limit} are in use${why}`,
      {
        hint: 'dispose tensors that are done with, or split the work',
        detail: { asked: size, used: this.#used, limit: this.limit },
      },
    );
  }

  free(block: WasmBlock): void {
    if (!this.holds(block))
      throw new SparseError('disposed', `a block at ${block.offset} was freed twice`, {
        hint: 'free a block once',
      });
    this.#live.delete(block.offset);
    if (this.#house.delete(block)) this.#kept -= block.bytes;
    else this.#used -= block.bytes;
    this.#release(block.offset, block.bytes);
  }

  /** Whether a block is in use. */
  holds(block: WasmBlock): boolean {
    return this.#live.get(block.offset) === block;
  }

  /** Refuses what comes after. The memory itself goes with its last user. */
  dispose(): void {
    this.#disposed = true;
  }

  /** Puts a range back among the free ones, joined with those it touches. */
  #release(offset: number, bytes: number): void {
    let [low, high] = [0, this.#free.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#free[middle]!.offset < offset) low = middle + 1;
      else high = middle;
    }
    const [before, after] = [this.#free[low - 1], this.#free[low]];
    const joinsBefore = before !== undefined && before.offset + before.bytes === offset;
    const joinsAfter = after !== undefined && offset + bytes === after.offset;
    const start = joinsBefore ? before.offset : offset;
    const end = joinsAfter ? after.offset + after.bytes : offset + bytes;
    this.#free.splice(low - Number(joinsBefore), Number(joinsBefore) + Number(joinsAfter), {
      offset: start,
      bytes: end - start,
    });
  }

  place(block: WasmBlock): number {
    return block.offset;
  }

  part(block: WasmBlock, offset: number, bytes: number): WasmBlock {
    return { offset: block.offset + offset, bytes };
  }

  write(block: WasmBlock, source: ArrayBufferView): void {
    if (source.byteLength > block.bytes)
      throw new SparseError(
        'capacity',
        `${source.byteLength} bytes do not fit a block of ${block.bytes}`,
      );
    new Uint8Array(this.memory.buffer, block.offset, source.byteLength).set(
      new Uint8Array(source.buffer, source.byteOffset, source.byteLength),
    );
  }

  copy(from: WasmBlock, to: WasmBlock, bytes: number): void {
    const whole = new Uint8Array(this.memory.buffer);
    whole.copyWithin(to.offset, from.offset, from.offset + bytes);
  }

  read(block: WasmBlock, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(new Uint8Array(this.memory.buffer, block.offset, bytes).slice());
  }

  view(block: WasmBlock): Uint8Array {
    return new Uint8Array(this.memory.buffer, block.offset, block.bytes);
  }
}

/** A memory and the most pages it may have: shared ones are reserved whole, which hosts may refuse. */
function reserve(initial: number, shared: boolean): [WebAssembly.Memory, number] {
  let cause: unknown;
  for (let maximum = 0x10000; maximum >= (shared ? 0x800 : 0x10000); maximum /= 2) {
    try {
      return [new WebAssembly.Memory({ initial, maximum, shared }), maximum];
    } catch (error) {
      cause = error;
    }
  }
  throw new SparseError('capacity', 'the host refused memory for WebAssembly', {
    cause,
    hint: 'close other pages, or lower what they hold',
  });
}
