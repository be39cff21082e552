// The engine: frozen registries, one backend, a plan cache, a policy and listeners. Made by createEngine;
// no state outside it.
import {
  assemble,
  convert,
  dense,
  densePattern,
  encodedTensor,
  encodeValues,
  formatOf,
  host,
  isComposed,
  makeTensor,
  SparseError,
  sparsify,
  type Auxiliary,
  type Backend,
  type Block,
  type Emit,
  type FormatLike,
  type Graph,
  type Home,
  type Op,
  type Shape,
  type Sparsifier,
  type Tensor,
} from '@lacuna/ir';
import { Compilations } from './compilations.js';
import type { Compiled } from './compiled.js';
import type { CompiledFunction, Tracing } from './function.js';
import { Device } from './device.js';
import { checkAdopted } from './adopt.js';
import { refuseComposed } from './composed.js';
import { checkCopy } from './copies.js';
import { Eager } from './eager.js';
import type { Listener } from './events.js';
import { explainCall } from './explain.js';
import { makeRegistry, type Registry } from './registry.js';
import type {
  AdoptOptions,
  CompileOptions,
  EngineOptions,
  TensorOptions,
  Traceable,
} from './options.js';
import { Scopes } from './scopes.js';
import type { Tracer } from './trace.js';

/**
 * Makes an engine over a backend.
 *
 * @throws SparseError `plugin` where plug-ins clash.
 */
export async function createEngine(
  backend: Backend | Promise<Backend>,
  options: EngineOptions = {},
): Promise<Engine> {
  const ready = await backend;
  return new Engine(ready, await registryOf(ready, options), options);
}

/** The kernels of a backend and of plug-ins, loaded. */
async function registryOf(backend: Backend, { plugins = [] }: EngineOptions): Promise<Registry> {
  const registry = makeRegistry(backend, plugins);
  await backend.load(
    plugins.flatMap((p) => p.kernels ?? []).filter((k) => k.backend === backend.name),
  );
  return registry;
}

/** Runs ops and graphs on one backend. Make one with {@link createEngine}. */
export class Engine implements Home {
  readonly #device: Device;
  readonly #options: EngineOptions;
  #eager: Eager;
  readonly #emit: Listener;
  readonly #scopes = new Scopes();
  readonly #compilations: Compilations;
  #tracer: Tracer | undefined;
  #disposed = false;

  constructor(backend: Backend, registry: Registry, options: EngineOptions) {
    const { fallback = 'explain', on = () => {} } = options;
    [this.#options, this.#emit] = [options, on];
    this.#device = new Device(backend, on);
    this.#eager = new Eager(this.#device, registry, fallback, on);
    this.#compilations = new Compilations(this.#device, () => this.#eager, on);
  }

  get backend(): Backend {
    return this.#device.backend;
  }
  get registry(): Registry {
    return this.#eager.registry;
  }
  get name(): string {
    return this.backend.name;
  }

  #alive(): void {
    if (this.#disposed)
      throw new SparseError('disposed', 'the engine was used after dispose()', {
        hint: 'create another engine',
      });
  }

  /** A tensor in this engine's memory from row-major numbers. */
  tensor(
    numbers: ArrayLike<number>,
    shape: Shape,
    { dtype = 'float32', layout = dense }: TensorOptions = {},
  ): Tensor {
    return this.put(assemble(layout, shape, numbers, { dtype }));
  }

  /** A copy of a host tensor in this engine's memory. */
  put(tensor: Tensor): Tensor {
    this.#alive();
    if (isComposed(tensor)) refuseComposed('engine.put', 'put', tensor);
    checkCopy(`layout ${tensor.format.layout.layoutName} of a tensor`, tensor.format.layout.ir);
    return this.#scopes.track(this.#device.upload(this, tensor));
  }

  /**
   * A tensor over values that are in the backend's memory already, such as a buffer of another library's:
   * nothing is copied, and the block is the tensor's from now on, freed with it.
   *
   * @throws SparseError `capacity` where the block is too small, `home` where it is another backend's.
   */
  adopt(block: Block, shape: Shape, { dtype = 'float32', pattern }: AdoptOptions = {}): Tensor {
    this.#alive();
    const kept = pattern ?? densePattern(shape);
    checkAdopted(this.backend.memory, block, shape, kept, dtype);
    return this.#scopes.track(this.#device.tensor(this, kept, dtype, block));
  }

  /** A copy of a tensor on the host, in its own layout, and in its codec unless it was written to since. */
  async get(tensor: Tensor): Promise<Tensor> {
    const { encoded } = tensor.storage;
    if (encoded) return encodedTensor(tensor.pattern, encoded);
    const numbers = await tensor.storage.read();
    return makeTensor(tensor.pattern, tensor.dtype, numbers);
  }

  /**
   * A copy on the host, at once.
   *
   * @throws SparseError `unsupported` where reading memory takes time: use {@link get}.
   */
  peek(tensor: Tensor): Tensor {
    const values = this.#device.view(tensor);
    if (values) return makeTensor(tensor.pattern, tensor.dtype, values.slice());
    throw new SparseError('unsupported', `${this.name} cannot be read at once`, {
      hint: 'write await engine.get(tensor)',
    });
  }

  /**
   * Writes stored values into a tensor of this engine; compiled functions that read it see them.
   *
   * @throws SparseError `shape` where there are more or fewer.
   */
  write(tensor: Tensor, values: ArrayLike<number>): void {
    this.#alive();
    if (values.length !== tensor.stored)
      throw new SparseError(
        'shape',
        `${values.length} values were written into ${tensor.toString()}`,
        {
          hint: 'write one for each stored entry',
        },
      );
    this.backend.memory.write(this.#device.blockOf(tensor), encodeValues(tensor.dtype, values));
    this.#device.touch(tensor);
  }

  /** A copy in another layout with the same numbers. Throws `lossy` where it cannot hold them. */
  async convert(tensor: Tensor, layout: FormatLike): Promise<Tensor> {
    this.#alive();
    const format = formatOf(layout);
    checkCopy(`layout ${format.layout.layoutName}`, format.layout.ir);
    const made = this.#device.change(this, tensor, format);
    if (made) return this.#scopes.track(made);
    return this.put(convert(await this.get(tensor), format));
  }

  /** A pruned copy: what the sparsifier keeps, in a layout. */
  async sparsify(
    tensor: Tensor,
    how: Sparsifier,
    layout: FormatLike,
    auxiliary?: Auxiliary,
  ): Promise<Tensor> {
    return this.put(sparsify(await this.get(tensor), how, layout, auxiliary));
  }

  /** @internal The trace in the making, while a function is traced. */
  get tracer(): Tracer | undefined {
    return this.#tracer;
  }

  readonly #tracing: Tracing = (tracer, run) => {
    const before = this.#tracer;
    this.#tracer = tracer;
    try {
      return run();
    } finally {
      this.#tracer = before;
    }
  };

  /** Computes one op; called by ops on tensors of this engine. */
  apply(op: Op, inputs: readonly (Tensor | undefined)[], attrs: object, emit?: Emit): Tensor {
    this.#alive();
    // Ops of a traced function on nothing but tensors from outside belong to its graph too: those tensors may change.
    if (this.#tracer) return this.#tracer.apply(op, inputs, attrs, emit);
    this.#sameHome(op, inputs);
    return this.#scopes.track(this.#eager.apply(this, op, inputs, attrs, emit));
  }

  #sameHome(op: Op, inputs: readonly (Tensor | undefined)[]): void {
    for (const tensor of inputs) {
      if (!tensor || tensor.home === this || tensor.home === host) continue;
      checkCopy(`a tensor that ${op.opName} was given`, tensor.format.layout.ir);
      throw new SparseError('home', `${op.opName} was given tensors of two engines`, {
        hint: 'copy one with engine.put(await other.get(tensor))',
      });
    }
  }

  /** What an op would run as, for inputs like these: kernel, cost, runner-up, conversions. */
  explain(op: Op, inputs: readonly (Tensor | undefined)[], attrs: object = {}): string {
    this.#alive();
    return explainCall(this.#eager, op, inputs, { ...op.spec.defaults, ...attrs });
  }

  /**
   * Compiles a graph, to be run by names; or a function over tensors, which is traced once for every kind of
   * arguments and then replayed.
   *
   * @example
   * ```ts
   * import { createEngine, matmul, relu, wasm, type Tensor } from '@lacuna/lacuna';
   * const engine = await createEngine(wasm());
   * const w = engine.tensor([1, -2, 3, 4], [2, 2]);
   * const layer = engine.compile((x: Tensor) => relu(matmul(w, x)));
   * await layer(engine.tensor([1, 1], [2, 1])).read(); // Float32Array [0, 7]
   * engine.dispose();
   * ```
   */
  compile(graph: Graph, options?: CompileOptions): Compiled;
  compile<R>(
    fn: (...args: readonly Tensor[]) => R,
    options?: CompileOptions,
  ): CompiledFunction<readonly Tensor[], R>;
  compile<A extends readonly Traceable[], R>(
    fn: (...args: A) => R,
    options?: CompileOptions,
  ): CompiledFunction<A, R>;
  compile<A extends readonly Traceable[], R>(
    what: Graph | ((...args: A) => R),
    { candidates = [] }: CompileOptions = {},
  ): Compiled | CompiledFunction<A, R> {
    this.#alive();
    return typeof what === 'function'
      ? this.#compilations.function(this, what, candidates, this.#tracing)
      : this.#compilations.graph(what, candidates);
  }

  /**
   * Runs `fn` and disposes every tensor of this engine made meanwhile, except those it returns (a tensor,
   * or an array or record of tensors).
   */
  scope<T>(fn: () => T | Promise<T>): Promise<T> {
    return this.#scopes.run(fn);
  }

  /** Copies on the host of tensors, by tensor; default of all that are alive. For {@link restore}. */
  async copies(
    tensors: Iterable<Tensor> = this.#device.live,
  ): Promise<ReadonlyMap<Tensor, Tensor>> {
    const pairs = [...tensors].map(async (tensor) => [tensor, await this.get(tensor)] as const);
    return new Map(await Promise.all(pairs));
  }

  /**
   * Goes on with another backend, such as a new device after one was lost: the same tensors, with the values of
   * their copies; compiled graphs and functions run again. A tensor without a copy says `device-lost` wherever
   * it is used, and so does a compiled graph over one. The backend from before is disposed.
   *
   * @example
   * ```ts
   * import { createEngine, relu, wasm } from '@lacuna/lacuna';
   * const engine = await createEngine(wasm());
   * const x = engine.tensor([1, -2], [2]);
   * const copies = await engine.copies();
   * // On WebGPU: when an op has thrown device-lost.
   * await engine.restore(wasm(), copies);
   * await relu(x).read(); // Float32Array [1, 0]
   * engine.dispose();
   * ```
   * @throws SparseError `shape` for a copy of another pattern or type than its tensor's.
   */
  async restore(
    backend: Backend | Promise<Backend>,
    copies: ReadonlyMap<Tensor, Tensor> = new Map(),
  ): Promise<void> {
    this.#alive();
    for (const [tensor, copy] of copies)
      if (copy.pattern !== tensor.pattern || copy.dtype !== tensor.dtype)
        throw new SparseError('shape', `${copy.toString()} is no copy of ${tensor.toString()}`, {
          hint: 'take the copies from engine.copies()',
        });
    const ready = await backend;
    const registry = await registryOf(ready, this.#options);
    const { policy } = this.#eager;
    this.#compilations.around(() => {
      this.#device.move(ready, copies);
      this.#eager = new Eager(this.#device, registry, policy, this.#emit);
    });
  }

  /** Tensors alive and bytes in use: what a test for leaks compares. */
  get usage(): { readonly tensors: number; readonly bytes: number } {
    return { tensors: this.#device.live.size, bytes: this.backend.memory.used };
  }

  /** Disposes every tensor and compiled graph, and then the backend. A second call does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#compilations.dispose();
    for (const tensor of this.#device.live) tensor.dispose();
    this.backend.dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }
}
