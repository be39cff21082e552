// A compiled graph with named inputs and outputs: what a network is run through.
import {
  byteWidth,
  encodeValues,
  printFormat,
  SparseError,
  valueCount,
  valueView,
  type Block,
} from '@lacuna/ir';
import type { Device } from './device.js';
import type { Listener } from './events.js';
import { explained, type CompileStage, type Planned } from './passes/pipeline.js';
import type { Placed } from './passes/place.js';
import type { Plan } from './passes/plan.js';
import { Replay } from './replay.js';

/** What is known of one step, for tables. */
export interface StepReport {
  readonly name: string;
  readonly op: string;
  readonly shape: readonly number[];
  readonly kernel: string;
  /** The weight's printed format, shape and stored values; absent where a step has no weight. */
  readonly weight?: {
    readonly format: string;
    readonly shape: readonly number[];
    readonly stored: number;
  };
  /** Best milliseconds, where it was profiled. */
  readonly ms?: number;
}

/** A graph ready to run any number of times. */
export class Compiled {
  #planned: Planned;
  #replay: Replay;
  #lost: SparseError | undefined;
  readonly #emit: Listener;

  /** @internal Made by `engine.compile`. */
  constructor(device: Device, made: Planned, emit: Listener) {
    [this.#planned, this.#replay, this.#emit] = [made, new Replay(device, made.plan), emit];
  }

  get placed(): Placed {
    return this.#planned.placed;
  }
  /** @internal The same graph on another backend, if it can be: else each use says why not. */
  move(device: Device, planner: () => Planned): void {
    try {
      const made = planner();
      [this.#planned, this.#replay, this.#lost] = [made, new Replay(device, made.plan), undefined];
    } catch (error) {
      if (!(error instanceof SparseError)) throw error;
      this.#lost = error;
    }
  }
  get disposed(): boolean {
    return this.#replay.disposed && !this.#lost;
  }
  #alive(): void {
    if (this.#lost) throw this.#lost;
    this.#replay.alive();
  }

  get plan(): Plan {
    return this.#replay.plan;
  }
  /** Bytes that constants take in the backend's memory, in the forms that their kernels use. */
  get constantBytes(): number {
    return this.#replay.constantBytes;
  }

  /** Runs the steps over what the input slots hold. */
  replay(): void {
    this.#alive();
    this.#replay.run();
  }

  /**
   * Where an input or output of this name is in the backend's memory, for as long as the graph lives: what
   * others write before a {@link replay}, and read after it, without a copy.
   *
   * @throws SparseError `shape` where there is none.
   */
  blockOf(name: string): Block {
    this.#alive();
    const output = this.plan.outputs.find((each) => each.name === name);
    const input = this.plan.inputs.find((each) => each.name === name);
    const source = output?.source ?? (input && { from: 'slot' as const, slot: input.slot });
    if (source) return this.#replay.blockOf(source);
    const names = [...this.plan.inputs, ...this.plan.outputs].map((each) => each.name);
    throw new SparseError('shape', `no input and no output is called "${name}"`, {
      hint: `there are: ${names.join(', ')}`,
    });
  }

  /** Writes inputs by name. */
  write(inputs: Readonly<Record<string, ArrayLike<number>>>): void {
    this.#alive();
    for (const { name, slot } of this.plan.inputs) {
      const { type } = this.plan.slots[slot]!;
      const numbers = inputs[name];
      if (!numbers || numbers.length !== type.stored) {
        throw new SparseError(
          'shape',
          `input ${name} is [${type.shape.join(', ')}], ${type.stored} numbers, and ${numbers ? `${numbers.length} were` : 'none was'} given`,
          { hint: `inputs are: ${this.plan.inputs.map((i) => i.name).join(', ')}` },
        );
      }
      const plain = numbers instanceof Float32Array && type.dtype === 'float32';
      const values = plain ? numbers : encodeValues(type.dtype, numbers);
      const { device } = this.#replay;
      device.backend.memory.write(this.#replay.blockOf({ from: 'slot', slot }), values);
    }
  }

  /** Reads outputs by name. */
  async read(): Promise<Record<string, Float32Array>> {
    this.#alive();
    const { memory } = this.#replay.device.backend;
    // All are asked for at once, so that they are of one replay even where another follows.
    const wanted = this.plan.outputs.filter(({ into }) => !into);
    const read = await Promise.all(
      wanted.map(({ source, type }) =>
        memory.read(this.#replay.blockOf(source), type.stored * byteWidth(type.dtype)),
      ),
    );
    return Object.fromEntries(
      wanted.map(({ name, type }, at) => {
        const { buffer, byteOffset } = read[at]!;
        return [name, valueView(type.dtype, buffer, byteOffset, type.stored) as Float32Array];
      }),
    );
  }

  /** Inputs in, outputs out, each by name. */
  async run(
    inputs: Readonly<Record<string, ArrayLike<number>>>,
  ): Promise<Record<string, Float32Array>> {
    this.#alive();
    const { backend } = this.#replay.device;
    if (backend.ready) await backend.ready();
    const start = performance.now();
    this.write(inputs);
    this.replay();
    this.#emit({
      type: 'run',
      key: 'compiled',
      steps: this.plan.steps.length,
      ms: performance.now() - start,
    });
    return this.read();
  }

  /** Best milliseconds of each step over `repeats` replays of what the input slots hold. */
  async profile(repeats = 5): Promise<readonly number[]> {
    this.#alive();
    return this.#replay.profile(repeats);
  }

  /** One row a step. */
  report(ms?: readonly number[]): readonly StepReport[] {
    return this.plan.steps.map(({ node, choice, inputs }, at) => {
      const weight = inputs.find((source, k) => k <= 1 && source?.from === 'constant');
      const tensor =
        weight?.from === 'constant' ? this.plan.constants[weight.constant]! : undefined;
      return {
        name: node.name,
        op: node.op.opName,
        shape: node.shape,
        kernel: choice.kernel?.name ?? 'reference',
        ...(tensor && {
          weight: {
            format: printFormat(tensor.format),
            shape: tensor.shape,
            stored: valueCount(tensor.pattern),
          },
        }),
        ...(ms && { ms: ms[at]! }),
      };
    });
  }

  /** The graph, what was chosen and why, and the plan, as text. */
  explain(): string {
    return explained(this.#planned);
  }

  /** What each pass left, in their order, with what it may change. */
  stages(): readonly CompileStage[] {
    return this.#planned.stages;
  }

  /** Gives all memory back. A second call does nothing. */
  dispose(): void {
    this.#lost = undefined;
    this.#replay.dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }
}
