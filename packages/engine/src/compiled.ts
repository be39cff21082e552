// A compiled graph: constants uploaded, memory laid out, every step bound. Running it writes the inputs,
// replays the steps and reads the outputs; nothing is allocated in between.
import {
  byteWidth,
  densePattern,
  encodeValues,
  printFormat,
  printGraph,
  SparseError,
  valueCount,
  valueView,
  type Block,
  type Operand,
  type OperandType,
  type Tensor,
} from '@lacuna/ir';
import type { Device } from './device.js';
import { bind, scratchBytes, signatureOf } from './bind.js';
import type { Listener } from './events.js';
import type { Placed } from './passes/place.js';
import { printPlan, type Plan, type Source, type Step } from './passes/plan.js';

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
  readonly placed: Placed;
  readonly plan: Plan;
  /** Bytes that constants take in the backend's memory, in the forms that their kernels use. */
  readonly constantBytes: number;
  readonly #device: Device;
  readonly #emit: Listener;
  readonly #owned: Block[] = [];
  readonly #slots: Block;
  readonly #constants: (Operand | undefined)[] = [];
  readonly #thunks: readonly (() => void)[];
  #disposed = false;

  constructor(device: Device, placed: Placed, plan: Plan, emit: Listener) {
    [this.#device, this.placed, this.plan, this.#emit] = [device, placed, plan, emit];
    try {
      const before = device.backend.memory.used;
      const prepared = plan.steps.map((step) => this.#prepare(step));
      this.constantBytes = device.backend.memory.used - before;
      this.#slots = this.#own(Math.max(64, plan.peakBytes));
      const scratch = Math.max(
        0,
        ...plan.steps.map(({ node, choice }) => scratchBytes(node.op, node.attrs, choice)),
      );
      const passing = scratch > 0 ? this.#own(scratch) : undefined;
      this.#thunks = plan.steps.map((step, at) => {
        const inputs = step.inputs.map(
          (source, k) =>
            source && (prepared[at]![k] ?? this.#operand(source, step.choice.inputs[k]!)),
        );
        const output = this.#operand({ from: 'slot', slot: step.output }, step.choice.output);
        return bind(device, {
          op: step.node.op,
          attrs: step.node.attrs,
          choice: step.choice,
          inputs,
          output,
          ...(passing && { scratch: passing }),
        });
      });
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  #own(bytes: number): Block {
    const block = this.#device.alloc(bytes);
    this.#owned.push(block);
    return block;
  }

  #upload(bytes: ArrayBufferView): Block {
    const block = this.#own(Math.max(1, bytes.byteLength));
    this.#device.backend.memory.write(block, bytes);
    return block;
  }

  /** Operands of a step's constants that its kernel wants in a form of its own. */
  #prepare({ node, choice, inputs }: Step): (Operand | undefined)[] {
    return inputs.map((source, k) => {
      if (source?.from !== 'constant') return undefined;
      const tensor = this.plan.constants[source.constant]!;
      const type = choice.inputs[k]!;
      const prepare = choice.kernel?.prepare?.[k];
      if (!prepare) return this.#constant(source.constant, tensor, type);
      const block = this.#upload(prepare(tensor, signatureOf(node.op, node.attrs, choice)));
      return { ...type, pattern: tensor.pattern, values: block, prepared: block };
    });
  }

  #constant(at: number, tensor: Tensor, type: OperandType): Operand {
    let operand = this.#constants[at];
    if (!operand) {
      const structure =
        tensor.pattern.structure.byteLength > 0
          ? this.#upload(tensor.pattern.structure)
          : undefined;
      operand = {
        ...type,
        pattern: tensor.pattern,
        values: this.#upload(tensor.values),
        ...(structure && { structure }),
      };
      this.#constants[at] = operand;
    }
    return operand;
  }

  #operand(source: Source, type: OperandType): Operand {
    if (source.from === 'constant')
      return this.#constant(source.constant, this.plan.constants[source.constant]!, type);
    const { offset, bytes } = this.plan.slots[source.slot]!;
    return {
      ...type,
      pattern: densePattern(type.shape),
      values: this.#device.backend.memory.part(this.#slots, offset, bytes),
    };
  }

  /** Runs the steps over what the input slots hold. */
  replay(): void {
    if (this.#disposed)
      throw new SparseError('disposed', 'a compiled graph was run after dispose()', {
        hint: 'compile it again',
      });
    for (const thunk of this.#thunks) thunk();
    this.#device.backend.submit?.();
  }

  /** Writes inputs by name. */
  write(inputs: Readonly<Record<string, ArrayLike<number>>>): void {
    if (this.#disposed)
      throw new SparseError('disposed', 'a compiled graph was given inputs after dispose()', {
        hint: 'compile it again',
      });
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
      const values =
        numbers instanceof Float32Array && type.dtype === 'float32'
          ? numbers
          : encodeValues(type.dtype, numbers);
      this.#device.backend.memory.write(this.#operand({ from: 'slot', slot }, type).values, values);
    }
  }

  /** Reads outputs by name. */
  async read(): Promise<Record<string, Float32Array>> {
    const out: Record<string, Float32Array> = {};
    for (const { name, source, type } of this.plan.outputs) {
      const { values } = this.#operand(source, type);
      const bytes = await this.#device.backend.memory.read(
        values,
        type.stored * byteWidth(type.dtype),
      );
      out[name] = valueView(
        type.dtype,
        bytes.buffer,
        bytes.byteOffset,
        type.stored,
      ) as Float32Array;
    }
    return out;
  }

  /** Inputs in, outputs out, each by name. */
  async run(
    inputs: Readonly<Record<string, ArrayLike<number>>>,
  ): Promise<Record<string, Float32Array>> {
    const start = performance.now();
    this.write(inputs);
    this.replay();
    this.#emit({
      type: 'run',
      key: 'compiled',
      steps: this.#thunks.length,
      ms: performance.now() - start,
    });
    return this.read();
  }

  /** Best milliseconds of each step over `repeats` replays of what the input slots hold. */
  profile(repeats = 5): readonly number[] {
    const best = this.#thunks.map(() => Infinity);
    for (let r = 0; r < repeats; r++) {
      this.#thunks.forEach((thunk, at) => {
        const start = performance.now();
        thunk();
        best[at] = Math.min(best[at]!, performance.now() - start);
      });
    }
    return best;
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
    return `${printGraph(this.placed.graph)}\n\n${printPlan(this.plan)}`;
  }

  #release(): void {
    for (const block of this.#owned.splice(0)) this.#device.free(block);
  }

  /** Gives all memory back. A second call does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#release();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }
}
