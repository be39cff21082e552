// Pipelines by source: each is compiled once, many at a time and without waiting where `ready` is awaited, at
// once where a kernel is launched before.
import { SparseError } from '@lacuna/ir';
import type { Failures } from './failures.js';
import type { Program } from './program.js';

/** A pipeline that may still have to be compiled. */
export interface Pipeline {
  readonly layout: GPUBindGroupLayout;
  get(): GPUComputePipeline;
}

/** Compiled programs of a device. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #failures: Failures;
  readonly #known = new Map<string, Pipeline>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  readonly #pending = new Map<string, () => Promise<void>>();

  constructor(device: GPUDevice, failures: Failures) {
    [this.#device, this.#failures] = [device, failures];
  }

  /** Programs that were compiled. */
  get size(): number {
    return this.#known.size - this.#pending.size;
  }

  of(program: Program): Pipeline {
    let found = this.#known.get(program.code);
    if (!found) this.#known.set(program.code, (found = this.#add(program)));
    return found;
  }

  #add({ code, name, writes }: Program): Pipeline {
    const layout = this.#layout(writes);
    const describe = (): GPUComputePipelineDescriptor => ({
      label: name,
      layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: this.#device.createShaderModule({ code, label: name }) },
    });
    let pipeline: GPUComputePipeline | undefined;
    this.#pending.set(code, async () => {
      pipeline = await this.#device
        .createComputePipelineAsync(describe())
        .catch((cause: unknown) => {
          this.#failures.check();
          throw new SparseError('unsupported', `the GPU refused the shader ${name}`, {
            cause,
            hint: 'read the cause: it names line and column of the WGSL',
          });
        });
    });
    return {
      layout,
      get: () => {
        if (!pipeline) {
          this.#pending.delete(code);
          pipeline = this.#failures.watch(() => this.#device.createComputePipeline(describe()));
        }
        return pipeline;
      },
    };
  }

  #layout(writes: readonly boolean[]): GPUBindGroupLayout {
    const key = writes.join();
    let layout = this.#layouts.get(key);
    if (!layout) {
      const compute = 4;
      const types: GPUBufferBindingType[] = [
        'uniform',
        ...writes.map((write) => (write ? 'storage' : 'read-only-storage')),
      ];
      layout = this.#device.createBindGroupLayout({
        entries: types.map((type, binding) => ({
          binding,
          visibility: compute,
          buffer: { type },
        })),
      });
      this.#layouts.set(key, layout);
    }
    return layout;
  }

  /** Compiles what was asked for and is not compiled yet, all at once. */
  async ready(): Promise<void> {
    const compile = [...this.#pending.values()];
    this.#pending.clear();
    await Promise.all(compile.map((run) => run()));
  }
}
