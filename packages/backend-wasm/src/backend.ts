// The backend: an arena, an instance of our binary, instances of plug-ins' modules, and the kernels.
import { SparseError, type Backend, type Call, type Kernel, type Rates } from '@lacuna/ir';
import { checkLeaf } from './leaf.js';
import { Arena } from './memory.js';
import { pointers, type Exports, type WasmKernel } from './kernel.js';
import { kernels } from './kernels/index.js';
import { noteRelaxed } from './kernels/dense.js';
import { Pool } from './pool.js';
import { measure } from './rates.js';
import type { Variant } from './module.js';

/** A compiled binary and which one it is. */
export interface LoadedModule {
  readonly module: WebAssembly.Module;
  readonly variant: Variant;
}

/** What every entry of this package may be told. */
export interface WasmOptions {
  /** The most bytes of memory to use; default what WebAssembly can address. */
  readonly memoryLimit?: number;
}

/** Makes the backend from a compiled binary. */
export async function makeBackend(
  { module, variant }: LoadedModule,
  { memoryLimit }: WasmOptions,
): Promise<WasmBackend> {
  const arena = new Arena(memoryLimit);
  const exports = await instantiate(module, arena);
  if (variant === 'relaxed') noteRelaxed(exports);
  return new WasmBackend(arena, exports, variant, measure(arena, exports));
}

async function instantiate(module: WebAssembly.Module, { memory }: Arena): Promise<Exports> {
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  return instance.exports as Exports;
}

/** WebAssembly SIMD on one thread. Make it with {@link wasm}. */
export class WasmBackend implements Backend {
  readonly name = 'wasm';
  readonly memory: Arena;
  readonly exports: Exports;
  readonly variant: Variant;
  readonly rates: Rates;
  readonly kernels: readonly Kernel[] = kernels;
  readonly #strangers = new Map<Uint8Array, Exports>();
  readonly #pool: Pool;
  #disposed = false;

  constructor(
    memory: Arena,
    exports: Exports,
    variant: Variant,
    rates: Rates,
    pool: Pool = new Pool(),
  ) {
    [this.memory, this.exports, this.variant, this.rates] = [memory, exports, variant, rates];
    this.#pool = pool;
  }

  get about(): string {
    const why = this.variant === 'relaxed' ? 'fused multiply-add' : 'no relaxed SIMD in this host';
    return `WebAssembly SIMD, ${this.variant} (${why}), one thread, ${(this.rates.flops / 1e9).toFixed(1)} GFLOP/s at best`;
  }

  async load(plugged: readonly Kernel[]): Promise<void> {
    for (const kernel of plugged) {
      const { module: bytes, name } = kernel as WasmKernel;
      if (!bytes || this.#strangers.has(bytes)) continue;
      checkLeaf(bytes, name);
      const module = await WebAssembly.compile(bytes.slice()).catch((cause: unknown) => {
        throw new SparseError('plugin', `the module of kernel ${name} does not compile`, {
          cause,
          hint: 'build it for wasm32-unknown-unknown',
        });
      });
      this.#strangers.set(bytes, await instantiate(module, this.memory));
    }
  }

  bind(kernel: Kernel, call: Call): () => void {
    if (this.#disposed)
      throw new SparseError('disposed', 'the WASM backend was used after dispose()', {
        hint: 'create another engine',
      });
    const { module, bind } = kernel as WasmKernel;
    const exports = module ? this.#strangers.get(module) : this.exports;
    if (!exports || !bind)
      throw new SparseError('plugin', `kernel ${kernel.name} was not loaded`, {
        hint: 'make it with wasmKernel() and pass its plug-in to createEngine',
      });
    const scratch = call.scratch ? (call.scratch as { offset?: number }).offset : 0;
    const launched = bind({
      exports,
      attrs: call.attrs,
      inputs: call.inputs.map((x) => x && pointers(x)),
      output: pointers(call.output),
      scratch: scratch ?? 0,
    });
    return typeof launched === 'function' ? launched : this.#pool.bind(exports, launched);
  }

  dispose(): void {
    this.#disposed = true;
    this.memory.dispose();
    this.#strangers.clear();
  }
}
