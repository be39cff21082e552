// The backend: an arena, instances of our binaries, instances of plug-ins' modules, threads, and kernels.
import {
  SparseError,
  type Backend,
  type Call,
  type Changed,
  type Format,
  type Kernel,
  type Operand,
  type Rates,
} from '@lacuna/ir';
import { changed } from './change.js';
import { pruning, type Pruner } from './inline.js';
import { Arena, type WasmBlock } from './memory.js';
import { pointers, type Exports, type Stage, type WasmKernel } from './kernel.js';
import { kernelsOf } from './kernels/index.js';
import { packedFormats } from './kernels/lying.js';
import { noteRelaxed } from './kernels/dense.js';
import { families, type Family } from './families.js';
import { compileBytes, type Compile, type Variant } from './module.js';
import { Pool } from './pool.js';
import { Crew, type CrewOptions } from './poolcrew.js';
import type { WorkerUrl } from './poolworker.js';
import { measure, peakFlops } from './rates.js';
import { threadsFor } from './threads.js';

/** Binaries and which they are. */
export interface Source {
  readonly compile: Compile;
  readonly variant: Variant;
  /** The families that it compiles; default all. */
  readonly families?: readonly Family[];
}

/** What every entry of this package may be told. */
export interface WasmOptions {
  /** The most bytes of memory to use; default what WebAssembly can address. */
  readonly memoryLimit?: number;
  /**
   * Threads to run on, the caller's among them; `'auto'` for one a core. Default 1. Where the host has no
   * shared memory there is one, and `about` says why.
   */
  readonly threads?: number | 'auto';
  /** The address of `@lacuna/backend-wasm/worker.js`, for pages whose policy forbids `blob:` workers. */
  readonly workerUrl?: WorkerUrl;
}

/** How many threads came up, and why no more. */
export interface ThreadReport {
  readonly threads: number;
  readonly cores: number;
  readonly hint?: string | undefined;
}

/** What only tests tell a crew. */
export type Tuning = Pick<CrewOptions, 'always' | 'patience'>;

/** Makes the backend from binaries. */
export async function makeBackend(
  source: Source,
  options: WasmOptions,
  tuning: Tuning = {},
): Promise<WasmBackend> {
  const { threads: asked = 1 } = options;
  const { count, cores, hint } = threadsFor(asked);
  if (count === 1) return one(source, options, { threads: 1, cores, hint });
  try {
    return await several(source, options, { threads: count, cores }, tuning);
  } catch (error) {
    if (asked !== 'auto' || !(error instanceof SparseError)) throw error;
    return one(source, options, { threads: 1, cores, hint: error.message });
  }
}

async function one(
  { compile, variant, families: loaded }: Source,
  { memoryLimit: limit }: WasmOptions,
  report: ThreadReport,
): Promise<WasmBackend> {
  const modules = await compile(false);
  const memory = new Arena({ ...(limit !== undefined && { limit }) });
  const exports = await joined(modules, memory);
  if (variant === 'relaxed') noteRelaxed(exports);
  const rates = measure(memory, exports, modules[0]!);
  const pool = new Pool(rates, { exports, modules });
  return new WasmBackend(memory, exports, variant, rates, pool, report, loaded);
}

async function several(
  { compile, variant, families: loaded }: Source,
  { memoryLimit: limit, workerUrl }: WasmOptions,
  report: ThreadReport,
  tuning: Tuning,
): Promise<WasmBackend> {
  const modules = await compile(true);
  const memory = new Arena({ threads: report.threads, ...(limit !== undefined && { limit }) });
  const exports = await joined(modules, memory);
  if (variant === 'relaxed') noteRelaxed(exports);
  const rates = measure(memory, exports, modules[0]!);
  const crew = await Crew.start(memory, modules, { ...report, ...tuning, workerUrl });
  const pool = new Pool(rates, { exports, modules }, crew);
  return new WasmBackend(memory, exports, variant, rates, pool, report, loaded);
}

async function instantiate(module: WebAssembly.Module, { memory }: Arena): Promise<Exports> {
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  return instance.exports as Exports;
}

/** The exports of several modules on one memory. */
async function joined(modules: readonly WebAssembly.Module[], memory: Arena): Promise<Exports> {
  const all = await Promise.all(modules.map((module) => instantiate(module, memory)));
  return Object.freeze(Object.assign({}, ...all) as Exports);
}

/** WebAssembly SIMD. Make it with {@link wasm}. */
export class WasmBackend implements Backend {
  readonly name = 'wasm';
  readonly memory: Arena;
  readonly exports: Exports;
  readonly variant: Variant;
  readonly rates: Rates;
  readonly kernels: readonly Kernel[];
  readonly packed: readonly Format[] = packedFormats;
  /** Threads that kernels run on, the caller's among them. */
  readonly threads: number;
  readonly #report: ThreadReport;
  readonly #pool: Pool;
  readonly #loaded: readonly Family[];
  readonly #strangers = new Map<Uint8Array, Exports>();
  #word: WasmBlock | undefined;
  #disposed = false;

  constructor(
    memory: Arena,
    exports: Exports,
    variant: Variant,
    rates: Rates,
    pool: Pool = new Pool(rates),
    report: ThreadReport = { threads: 1, cores: 1 },
    loaded: readonly Family[] = families,
  ) {
    this.kernels = kernelsOf(loaded);
    this.#loaded = loaded;
    [this.memory, this.exports, this.variant, this.rates] = [memory, exports, variant, rates];
    [this.#pool, this.#report, this.threads] = [pool, report, report.threads];
  }

  get about(): string {
    const why = this.variant === 'relaxed' ? 'fused multiply-add' : 'no relaxed SIMD in this host';
    return `WebAssembly SIMD, ${this.variant} (${why}), ${threadsText(this.#report)}, ${(this.rates.flops / 1e9).toFixed(1)} GFLOP/s at best`;
  }

  /** GFLOP/s of multiply-adds from registers, on one thread, measured now. */
  peakGflops(): number {
    return peakFlops(this.exports) / 1e9;
  }

  async load(plugged: readonly Kernel[]): Promise<void> {
    for (const kernel of plugged) {
      const { module: bytes, name } = kernel as WasmKernel;
      if (!bytes || this.#strangers.has(bytes)) continue;
      const { module, threads } = await compileBytes(bytes.slice(), name, this.threads > 1).catch(
        (cause: unknown) => {
          if (cause instanceof SparseError && cause.code === 'plugin') throw cause;
          throw new SparseError('plugin', `the module of kernel ${name} does not compile`, {
            cause,
            hint: 'build it for wasm32-unknown-unknown',
          });
        },
      );
      const exports = await instantiate(module, this.memory);
      this.#strangers.set(bytes, exports);
      if (threads) await this.#pool.learn(exports, module);
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
    const onPool = this.#onPool(exports);
    const launched = bind({
      exports,
      bind: onPool,
      attrs: call.attrs,
      inputs: call.inputs.map((x) => x && pointers(x)),
      output: pointers(call.output),
      scratch: scratch ?? 0,
    });
    const run = typeof launched === 'function' ? launched : onPool(launched);
    return call.inline ? pruning(run, call.inline, call.output, this.#pruner()) : run;
  }

  /** What binds stages of some exports to all threads. */
  #onPool(exports: Exports): (stages: readonly Stage[]) => () => void {
    return (stages) => this.#pool.bind(exports, stages);
  }

  #pruner(): Pruner {
    const { exports, memory } = this;
    this.#word ??= memory.keep(4);
    return { exports, memory, bind: this.#onPool(exports), word: this.#word.offset };
  }

  change(from: Operand, to: Format): Changed | undefined {
    if (!this.#loaded.includes('convert')) return undefined;
    const onPool = this.#onPool(this.exports);
    return changed(from, to, this.memory, (stages) => onPool(stages)());
  }

  /** Ends its threads and refuses what comes after. A second call does nothing. */
  dispose(): void {
    this.#disposed = true;
    this.#pool.dispose();
    this.memory.dispose();
    this.#strangers.clear();
  }
}

function threadsText({ threads, cores, hint }: ThreadReport): string {
  if (threads > 1) return `${threads} threads`;
  if (hint !== undefined) return `one thread (${hint})`;
  return cores > 1 ? `one thread of ${cores} ({ threads: 'auto' } uses them)` : 'one thread';
}
