// Parameters of dispatches: whole numbers that never change once they are written, so that equal ones share a
// place, and a place may be used by any number of plans. 256 bytes each, WebGPU's alignment for uniforms.
import { usage } from './pool.js';

const place = 256;
const places = 256;

/** Where parameters are. */
export interface Uniform {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

/** All parameters of a device, by content. */
export class Uniforms {
  readonly #device: GPUDevice;
  readonly #known = new Map<string, Uniform>();
  readonly #buffers: GPUBuffer[] = [];

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** The place of some numbers: u32, or the bits of a float32 where the program says so. */
  of(numbers: readonly number[], types: readonly string[]): Uniform {
    const words = new Uint32Array(Math.max(4, Math.ceil(numbers.length / 4) * 4));
    const floats = new Float32Array(words.buffer);
    numbers.forEach((x, at) => {
      if (types[at]?.endsWith('f32')) floats[at] = x;
      else words[at] = x; // negative numbers wrap, as i32 reads them
    });
    const key = words.join();
    let found = this.#known.get(key);
    if (!found) {
      const at = this.#known.size % places;
      if (at === 0)
        this.#buffers.push(
          this.#device.createBuffer({
            size: place * places,
            usage: usage.uniform | usage.copyTarget,
          }),
        );
      const buffer = this.#buffers.at(-1)!;
      found = { buffer, offset: at * place, size: words.byteLength };
      this.#device.queue.writeBuffer(buffer, found.offset, words);
      this.#known.set(key, found);
    }
    return found;
  }

  dispose(): void {
    for (const buffer of this.#buffers) buffer.destroy();
    this.#known.clear();
  }
}
