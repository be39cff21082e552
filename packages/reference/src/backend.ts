// The reference backend: no kernels of its own, and memory that the host can see, so that an engine falls
// back to every op's reference over `walk`. It is the oracle for other backends, and runs anywhere.
import { SparseError, type Backend } from '@lacuna/ir';
import { HostMemory } from './memory.js';

/** What {@link reference} may be told. */
export interface ReferenceOptions {
  /** The most bytes of tensors; default 4 GiB. */
  readonly limit?: number;
}

/**
 * A backend in plain TypeScript that accumulates in double precision.
 *
 * @example
 * ```ts
 * import { reference } from '@lacuna/reference';
 * const backend = await reference();
 * const block = backend.memory.alloc(8); // blocks come in multiples of 16 bytes
 * backend.memory.write(block, Float32Array.of(1, 2));
 * backend.memory.used; // 16
 * ```
 */
export function reference({ limit = 2 ** 32 }: ReferenceOptions = {}): Promise<Backend> {
  const memory = new HostMemory(limit);
  const name = 'reference';
  const backend: Backend = {
    name,
    about: 'plain TypeScript, double-precision accumulation, one thread',
    // Stated, not measured: an entry of a walk takes some ten nanoseconds on any machine of today.
    rates: { flops: 2e8, bandwidth: 4e9, launch: 1e-6 },
    memory,
    kernels: [],
    load: () => Promise.resolve(),
    bind(kernel, call) {
      if (kernel.backend === name) return kernel.launch(call);
      throw new SparseError(
        'no-kernel',
        `kernel ${kernel.name} is for ${kernel.backend}, and was given to the reference backend`,
        { hint: 'leave it to the reference of its op' },
      );
    },
    dispose: () => memory.dispose(),
  };
  return Promise.resolve(Object.freeze(backend));
}
