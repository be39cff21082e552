// What goes wrong on a device goes wrong later than the call that caused it. Here it waits, as a typed error,
// for the next call that can throw.
import { SparseError } from '@lacuna/ir';

/** Watches a device. */
export class Failures {
  readonly #device: GPUDevice;
  #lost: SparseError | undefined;
  #first: SparseError | undefined;
  /** What was heard while something is watched: it is told if nothing comes of that, which it would follow from. */
  #then: SparseError | undefined;
  #watched = 0;
  #came = false;

  constructor(device: GPUDevice) {
    this.#device = device;
    void this.#await(device);
    device.addEventListener('uncapturederror', (event) => {
      if (this.#watched > 0) this.#then ??= typed(event.error);
      else this.#note(event.error);
      event.preventDefault?.();
    });
  }

  /** The device was lost; absent while it is well. */
  get lost(): SparseError | undefined {
    return this.#lost;
  }

  /** Runs `make` and keeps the first error that comes of it for {@link check}, in the words of `explain`. */
  watch<T>(make: () => T, explain?: (cause: GPUError) => SparseError): T {
    this.#watched++;
    this.#device.pushErrorScope('out-of-memory');
    this.#device.pushErrorScope('validation');
    try {
      return make();
    } finally {
      void this.#told([this.#close(explain), this.#close(explain)]);
    }
  }

  /** Once the scopes of a watch are closed, what was heard meanwhile is an error of its own or follows from theirs. */
  async #told(scopes: readonly Promise<void>[]): Promise<void> {
    await Promise.all(scopes);
    if (--this.#watched > 0) return;
    if (!this.#came) this.#first ??= this.#then;
    [this.#then, this.#came] = [undefined, false];
  }

  async #close(explain?: (cause: GPUError) => SparseError): Promise<void> {
    try {
      const error = await this.#device.popErrorScope();
      if (!error) return;
      this.#came = true;
      this.#note(error, explain);
    } catch {
      // The device is gone, which `lost` tells.
    }
  }

  async #await(device: GPUDevice): Promise<void> {
    const { reason, message } = await device.lost;
    const why = `${reason === 'destroyed' ? ': it was destroyed' : ''}${message ? ` (${message.trim()})` : ''}`;
    this.#lost = new SparseError('device-lost', `the GPU device was lost${why}`, {
      hint: 'tensors of this engine are gone: create another engine, and put them again from host copies',
      detail: { reason },
    });
  }

  #note(error: GPUError, explain?: (cause: GPUError) => SparseError): void {
    if (explain) this.#first = explain(error); // the cause of what else is heard
    else this.#first ??= typed(error);
  }

  /** @throws SparseError what has gone wrong since the last call, if anything. */
  check(): void {
    if (this.#lost) throw this.#lost;
    const error = this.#first;
    this.#first = undefined;
    if (error) throw error;
  }
}

/** What a device reports, as our error. */
export function typed(error: GPUError): SparseError {
  const full = error.constructor.name === 'GPUOutOfMemoryError';
  return full
    ? new SparseError('capacity', `the GPU is out of memory: ${error.message}`, {
        hint: 'dispose tensors that are done with, or split the work, and compute again what is not there',
      })
    : new SparseError('unsupported', `the GPU refused a command: ${error.message}`, {
        hint: 'this is a defect of a kernel: please report it with this message',
      });
}
