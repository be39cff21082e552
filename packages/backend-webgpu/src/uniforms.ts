// Parameters of dispatches: whole numbers that never change while something bound uses them, so that equal ones share
// a place. 256 bytes each, WebGPU's alignment for uniforms. Those that nothing uses stay for the next call of their
// kind, the last used longest; beyond a number of them their places are written anew.
import { SparseError } from '@lacuna/ir';
import type { Encoder } from './encoder.js';
import { usage } from './pool.js';

const place = 256;
const places = 256;
/** Places that wait for the next call of their kind, at most. */
const idle = 4096;

/** Where parameters are. */
export interface Uniform {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
  /** What they are, and how many bound dispatches use them. */
  readonly key: string;
  users: number;
}

/** All parameters of a device, by content. */
export class Uniforms {
  readonly #device: GPUDevice;
  readonly #encoder: Encoder;
  readonly #known = new Map<string, Uniform>();
  /** Those without users, in the order in which they lost the last. */
  readonly #idle = new Set<Uniform>();
  readonly #buffers: GPUBuffer[] = [];
  #taken = 0;

  constructor(device: GPUDevice, encoder: Encoder) {
    [this.#device, this.#encoder] = [device, encoder];
  }

  /**
   * The place of some numbers: u32, or the bits of a float32 where the program says so. It is the caller's until
   * {@link release}.
   *
   * @throws SparseError `plugin` for more than 64 of them.
   */
  of(numbers: readonly number[], types: readonly string[]): Uniform {
    const words = new Uint32Array(Math.max(4, Math.ceil(numbers.length / 4) * 4));
    if (words.byteLength > place)
      throw new SparseError('plugin', `a program has ${numbers.length} parameters, and 64 fit`, {
        hint: 'pass them in a buffer',
      });
    const floats = new Float32Array(words.buffer);
    numbers.forEach((x, at) => {
      if (types[at]?.endsWith('f32')) floats[at] = x;
      else words[at] = x; // negative numbers wrap, as i32 reads them
    });
    const key = words.join();
    let found = this.#known.get(key);
    if (!found) {
      found = { ...this.#place(), size: words.byteLength, key, users: 0 };
      this.#device.queue.writeBuffer(found.buffer, found.offset, words);
      this.#known.set(key, found);
    }
    found.users++;
    this.#idle.delete(found);
    return found;
  }

  /** A place that nothing uses: that of the parameters which waited longest, or a new one. */
  #place(): Pick<Uniform, 'buffer' | 'offset'> {
    const [longest] = this.#idle;
    if (longest && this.#idle.size >= idle) {
      this.#idle.delete(longest);
      this.#known.delete(longest.key);
      this.#encoder.submit(); // what is waiting may still read it
      return longest;
    }
    const at = this.#taken++ % places;
    if (at === 0)
      this.#buffers.push(
        this.#device.createBuffer({
          size: place * places,
          usage: usage.uniform | usage.copyTarget,
        }),
      );
    return { buffer: this.#buffers.at(-1)!, offset: at * place };
  }

  /** Gives a place back. */
  release(uniform: Uniform): void {
    if (--uniform.users === 0) this.#idle.add(uniform);
  }

  dispose(): void {
    for (const buffer of this.#buffers) buffer.destroy();
    this.#known.clear();
    this.#idle.clear();
  }
}
