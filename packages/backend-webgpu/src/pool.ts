// Buffers by size class: each power of two in four steps, so that at most a quarter of a buffer is not used.
// Creating a buffer takes up to milliseconds; one that was given back is handed out again at once.

/** What WebGPU calls the uses of a buffer; hosts need not have these as globals. */
export const usage = {
  mapRead: 0x1,
  copySource: 0x4,
  copyTarget: 0x8,
  uniform: 0x40,
  storage: 0x80,
} as const;

const least = 256;

/** Bytes of the class that holds `bytes`. */
export function sizeClass(bytes: number): number {
  if (bytes <= least) return least;
  const step = Math.max(least, 2 ** (Math.floor(Math.log2(bytes - 1)) - 2));
  return Math.ceil(bytes / step) * step;
}

/** Buffers of one usage that wait to be used again, never more than `limit` bytes of them. */
export class Pool {
  readonly #create: (bytes: number) => GPUBuffer;
  readonly #limit: number;
  readonly #destroy: (buffer: GPUBuffer) => void;
  readonly #idle = new Map<number, GPUBuffer[]>();
  #bytes = 0;

  constructor(
    limit: number,
    destroy: (buffer: GPUBuffer) => void,
    create: (bytes: number) => GPUBuffer,
  ) {
    [this.#limit, this.#destroy, this.#create] = [limit, destroy, create];
  }

  /** Bytes of idle buffers. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A buffer of exactly a class's size. */
  take(bytes: number): GPUBuffer {
    const buffer = this.#idle.get(bytes)?.pop();
    if (!buffer) return this.#create(bytes);
    this.#bytes -= bytes;
    return buffer;
  }

  /** Gives a buffer back; the oldest idle ones make room. */
  give(buffer: GPUBuffer): void {
    const idle = this.#idle.get(buffer.size) ?? [];
    this.#idle.delete(buffer.size);
    this.#idle.set(buffer.size, idle); // last used, last in the map
    idle.push(buffer);
    this.#bytes += buffer.size;
    for (const [size, buffers] of this.#idle) {
      while (this.#bytes > this.#limit && buffers.length > 0) {
        this.#destroy(buffers.shift()!);
        this.#bytes -= size;
      }
      if (this.#bytes <= this.#limit) break;
    }
  }

  /** Destroys a buffer that waits, if it does. */
  drop(buffer: GPUBuffer): void {
    const idle = this.#idle.get(buffer.size) ?? [];
    const at = idle.indexOf(buffer);
    if (at < 0) return;
    idle.splice(at, 1);
    this.#bytes -= buffer.size;
    this.#destroy(buffer);
  }

  clear(): void {
    for (const buffers of this.#idle.values()) for (const buffer of buffers) buffer.destroy();
    this.#idle.clear();
    this.#bytes = 0;
  }
}
