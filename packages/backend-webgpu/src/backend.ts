// The backend: a device with its memory, programs and parameters, and the kernels. Binding a kernel makes its
// bind groups; running what was bound appends dispatches to the one pass that `submit` sends.
import {
  byteWidth,
  SparseError,
  type Backend,
  type Block,
  type Bound,
  type Call,
  type Kernel,
  type Rates,
  type Tensor,
} from '@lacuna/ir';
import { Counters } from './counters.js';
import { leastSubgroup, openDevice, type OpenDevice, type WebgpuOptions } from './device.js';
import { Encoder, type Encoded } from './encoder.js';
import { Failures } from './failures.js';
import {
  binding,
  buffersOf,
  type Dispatch,
  type Tuning,
  type WebgpuCall,
  type WebgpuKernel,
} from './kernel.js';
import { pruning } from './inline.js';
import { float16 } from './kernels/arithmetic.js';
import { halfKernels, kernels } from './kernels/index.js';
import { GpuMemory, type GpuBlock } from './memory.js';
import { Pipelines, type Pipeline } from './pipelines.js';
import { ended } from './kernels/ending.js';
import { rangeOf, refuseAliases, tryBuffer, type GpuRange } from './share.js';
import { fitted } from './spans.js';
import { Uniforms, type Uniform } from './uniforms.js';
import { measure } from './rates.js';

/**
 * The WebGPU backend.
 *
 * @throws SparseError `unsupported` where there is no WebGPU, no adapter or no device; it says which.
 */
export async function webgpu(options: WebgpuOptions = {}): Promise<WebgpuBackend> {
  const backend = new WebgpuBackend(await openDevice(options), options);
  try {
    await backend.tune(options);
    return backend;
  } catch (error) {
    backend.dispose();
    throw error;
  }
}

/** A WebGPU device with our kernels. Make it with {@link webgpu}. */
export class WebgpuBackend implements Backend {
  readonly name = 'webgpu';
  readonly device: GPUDevice;
  readonly memory: GpuMemory;
  readonly kernels: readonly Kernel[];
  readonly counters = new Counters();
  readonly #adapter: string;
  readonly #owned: boolean;
  readonly #features: ReadonlySet<GPUFeatureName>;
  readonly #half: boolean;
  readonly entry: GPU | undefined;
  readonly #failures: Failures;
  readonly #encoder: Encoder;
  readonly #pipelines: Pipelines;
  readonly #uniforms: Uniforms;
  readonly #nothing: GpuBlock;
  #rates: Rates = { flops: 1e10, bandwidth: 1e10, launch: 2e-5 };
  #tuning: Tuning = { shared: false, subgroup: 0 };
  readonly #most: number;
  #disposed = false;

  constructor(
    { device, owned, about, entry, features }: OpenDevice,
    { memoryLimit, maxBinding = Infinity, arithmetic }: WebgpuOptions,
  ) {
    [this.device, this.#owned, this.#adapter, this.entry] = [device, owned, about, entry];
    this.#features = features;
    this.#half = arithmetic === 'float16' && features.has('shader-f16');
    this.kernels = this.#half ? [...halfKernels(float16), ...kernels] : kernels;
    const failures = (this.#failures = new Failures(device));
    const encoder = (this.#encoder = new Encoder(device, this.counters));
    this.#most = Math.min(maxBinding, device.limits.maxStorageBufferBindingSize);
    const limit = memoryLimit ?? 4 * device.limits.maxBufferSize;
    this.memory = new GpuMemory({ device, encoder, failures, limit, counters: this.counters });
    this.#pipelines = new Pipelines(device, failures);
    this.#uniforms = new Uniforms(device, encoder);
    this.#nothing = this.memory.spare(256);
  }

  get rates(): Rates {
    return this.#rates;
  }
  get tuning(): Tuning {
    return this.#tuning;
  }
  get about(): string {
    const features = [...this.#features].filter((f) => f === 'subgroups' || f === 'shader-f16');
    return `WebGPU on ${this.#adapter}, ${features.join(' and ') || 'no optional features'}, ${this.#tuning.shared ? 'workgroup-memory' : 'register'} tiles, ${this.#tuning.subgroup > 0 ? 'a subgroup a row' : 'a thread a row'}, float${this.#half ? 16 : 32} arithmetic, ${(this.#rates.flops / 1e9).toFixed(1)} GFLOP/s at best`;
  }

  /** Measures the variants of the dense product, and keeps the faster, or what was asked for. */
  async tune({ tiles, rows }: Pick<WebgpuOptions, 'tiles' | 'rows'>): Promise<void> {
    const least = leastSubgroup(this.device, this.#features);
    const [tuning, rates] = await measure(this, this.#adapter, least);
    this.#rates = rates;
    this.#tuning = {
      shared: tiles === undefined ? tuning.shared : tiles === 'shared',
      subgroup: rows === 'subgroups' ? least : rows === 'threads' ? 0 : tuning.subgroup,
    };
  }

  async load(plugged: readonly Kernel[]): Promise<void> {
    const stranger = plugged.find((kernel) => !('dispatches' in kernel));
    if (stranger)
      throw new SparseError('plugin', `kernel ${stranger.name} was not made for WebGPU`, {
        hint: 'make it with webgpuKernel()',
      });
    return Promise.resolve();
  }

  bind(kernel: Kernel, call: Call): Bound {
    this.#alive();
    const { dispatches } = kernel as WebgpuKernel;
    if (!dispatches)
      throw new SparseError('plugin', `kernel ${kernel.name} was not made for WebGPU`, {
        hint: 'make it with webgpuKernel()',
      });
    const own = (block: Block): GpuBlock => this.memory.own(block);
    const { attrs, scratch, inline } = call;
    const constants: GpuBlock[] = [];
    const given: WebgpuCall = {
      attrs,
      inputs: call.inputs.map((x) => x && buffersOf(x, own)),
      output: buffersOf(call.output, own),
      scratch: (offset, bytes) =>
        scratch
          ? binding(this.memory.part(scratch, offset, bytes), bytes)
          : binding(this.#nothing, 16),
      constant: (words) => {
        const block = this.memory.alloc(words.byteLength);
        constants.push(block);
        this.memory.write(block, words);
        return binding(block, words.byteLength);
      },
      most: this.#most,
      tuning: this.#tuning,
    };
    // A pattern that varies says where its rows begin, also where nothing is stored.
    const { stored, varies } = call.output;
    const { ends } = call.op.spec;
    const made = stored === 0 && !varies ? [] : dispatches(given);
    const whole = ends ? made.map((dispatch) => ended(dispatch, ends.last)) : made;
    return this.run(inline ? pruning(whole, inline, given.output.values) : whole, constants);
  }

  /** Binds dispatches; the result appends them to what {@link submit} sends, until it is released. */
  run(dispatches: readonly Dispatch[], constants: GpuBlock[] = []): Bound {
    const used: Uniform[] = [];
    const release = (): void => {
      for (const block of constants.splice(0)) this.memory.free(block);
      for (const uniform of used.splice(0)) this.#uniforms.release(uniform);
    };
    try {
      const bound = dispatches.map((dispatch) => this.#bindGroup(dispatch, used));
      let ready: readonly Encoded[] | undefined;
      const run = (): void => {
        this.#alive();
        ready ??= bound.map(({ pipeline, ...rest }) => ({ ...rest, pipeline: pipeline.get() }));
        for (const each of ready) this.#encoder.dispatch(each);
      };
      return Object.assign(run, { release });
    } catch (error) {
      release();
      throw error;
    }
  }

  #bindGroup(
    dispatch: Dispatch,
    used: Uniform[],
  ): Omit<Encoded, 'pipeline'> & { readonly pipeline: Pipeline } {
    refuseAliases(dispatch);
    const fitting = fitted(dispatch, this.#most, this.device);
    const { program, params, buffers, workgroups } = fitting;
    const pipeline = this.#pipelines.of(program);
    this.counters.bind(fitting);
    const uniform = this.#uniforms.of(params, program.params);
    used.push(uniform);
    const group = this.device.createBindGroup({
      layout: pipeline.layout,
      entries: [
        { binding: 0, resource: uniform },
        ...program.writes.map((write, at) => ({
          binding: at + 1,
          resource: this.#resource(buffers[at], write),
        })),
      ],
    });
    return { pipeline, group, workgroups };
  }

  /** What is read may be seen in whole vectors; what is written ends where it ends. */
  #resource(given: Dispatch['buffers'][number], write: boolean): GPUBufferBinding {
    const { block, bytes } = given ?? binding(this.#nothing, 16);
    const { buffer, offset } = block;
    const whole = write ? Math.ceil(bytes / 4) * 4 : Math.ceil(Math.max(bytes, 1) / 16) * 16;
    return { buffer, offset, size: Math.min(whole, buffer.size - offset, this.#most) };
  }

  /**
   * A range of a GPUBuffer of this device as a block, for `engine.adopt`: nothing is copied. The buffer stays
   * the caller's, who destroys it after the tensors over it are disposed.
   *
   * @throws SparseError `unsupported` for a buffer made for other uses, or mapped; `capacity` for a range that
   * is not in it. A buffer of another device is told by the next call that waits, as `home`.
   */
  wrap(buffer: GPUBuffer, range: Partial<Omit<GpuRange, 'buffer'>> = {}): GpuBlock {
    this.#alive();
    const alignment = this.device.limits.minStorageBufferOffsetAlignment;
    const { offset, size } = rangeOf(buffer, range, alignment);
    tryBuffer(this.device, this.#failures, buffer);
    return this.memory.wrap(buffer, offset, size);
  }

  /**
   * Where the stored values of a tensor of this backend are, or a block of a compiled graph: a range of a
   * GPUBuffer of {@link device}, good until the tensor is disposed. What was launched before is sent, so that
   * commands submitted from now on see its results.
   *
   * @throws SparseError `home` for a tensor of another engine, `disposed`, `device-lost`.
   */
  bufferOf(from: Tensor | Block): GpuRange {
    this.#alive();
    const block = 'storage' in from ? from.storage.block : from;
    if (!block)
      throw new SparseError('home', 'a tensor of the host has no GPUBuffer', {
        hint: 'take engine.put(tensor)',
      });
    const { buffer, offset, bytes } = this.memory.own(block);
    this.submit();
    const size = 'storage' in from ? from.stored * byteWidth(from.dtype) : bytes;
    return { buffer, offset, size };
  }

  ready(): Promise<void> {
    return this.#pipelines.ready();
  }

  submit(): void {
    this.#alive();
    this.#encoder.submit();
  }

  /** Resolves when all that was sent is done; throws what went wrong on the way. */
  async finish(): Promise<void> {
    this.submit();
    await this.device.queue.onSubmittedWorkDone();
    this.#failures.check();
  }

  #alive(): void {
    if (this.#disposed)
      throw new SparseError('disposed', 'the WebGPU backend was used after dispose()', {
        hint: 'create another engine',
      });
    this.#failures.check();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.memory.dispose();
    this.#uniforms.dispose();
    if (this.#owned) this.device.destroy();
  }
}
