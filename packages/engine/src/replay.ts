// A plan in memory: constants uploaded in the forms that kernels want, slots laid out in blocks, every step
// bound. A replay runs the steps and allocates nothing.
import {
  byteWidth,
  decodeValues,
  densePattern,
  host,
  isDense,
  roomBytes,
  SparseError,
  valueView,
  type Block,
  type Bound,
  type Operand,
  type OperandType,
  type Pattern,
  type Tensor,
} from '@lacuna/ir';
import { bind, scratchBytes, signatureOf } from './bind.js';
import type { Device } from './device.js';
import { inlineOf } from './passes/inline.js';
import { structureAt, type Plan, type Source, type Step } from './passes/plan.js';

/** Runs of a step in one submission, where there are submissions: one costs as much as a small kernel. */
const queued = 8;

/** A plan bound to memory. */
export class Replay {
  readonly plan: Plan;
  /** Bytes that constants take, in the forms that their kernels use. */
  readonly constantBytes: number;
  readonly device: Device;
  readonly #owned: Block[] = [];
  readonly #patterns = new Set<Pattern>();
  readonly #blocks: readonly Block[];
  readonly #constants: (Block | undefined)[] = [];
  readonly #thunks: Bound[] = [];
  #disposed = false;

  constructor(device: Device, plan: Plan) {
    [this.device, this.plan] = [device, plan];
    try {
      const before = device.backend.memory.used;
      const constants = plan.steps.map((step) =>
        step.inputs.map((source, k) =>
          source?.from === 'constant' ? this.#constant(step, source.constant, k) : undefined,
        ),
      );
      this.constantBytes = device.backend.memory.used - before;
      this.#blocks = plan.blocks.map((bytes) => this.#own(device.alloc(bytes)));
      const scratch = Math.max(
        0,
        ...plan.steps.map(({ node, choice }) => scratchBytes(node.op, node.attrs, choice)),
      );
      const passing = scratch > 0 ? this.#own(device.alloc(scratch)) : undefined;
      for (const [at, step] of plan.steps.entries()) {
        const { node, choice } = step;
        const how = inlineOf(node);
        const inputs = step.inputs.map(
          (source, k) =>
            source && (constants[at]![k] ?? this.#slot(source, choice.inputs[k]!, k, step)),
        );
        const output = this.#slot(
          { from: 'slot', slot: step.output },
          choice.output,
          'output',
          step,
        );
        const thunk = bind(device, {
          op: node.op,
          attrs: node.attrs,
          choice,
          inputs,
          output,
          ...(passing && { scratch: passing }),
          ...(how && { inline: how }),
        });
        this.#thunks.push(thunk);
      }
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  #own(block: Block): Block {
    this.#owned.push(block);
    return block;
  }

  #retain(pattern: Pattern): void {
    if (this.#patterns.has(pattern)) return;
    this.#patterns.add(pattern);
    this.device.patterns.retain(pattern);
  }

  /** A constant as its step's kernel wants it: prepared, or as it is stored. An engine's tensor stays where it is. */
  #constant({ node, choice }: Step, at: number, k: number): Operand {
    const tensor = this.plan.constants[at]!;
    const type = choice.inputs[k]!;
    const prepare = tensor.home === host ? choice.kernel?.prepare?.[k] : undefined;
    if (prepare) {
      const prepared = this.#own(
        this.device.put(prepare(tensor, signatureOf(node.op, node.attrs, choice))),
      );
      return { ...type, pattern: tensor.pattern, values: prepared, prepared };
    }
    this.#retain(tensor.pattern);
    // A view of a dense constant has a shape of its own.
    const pattern = isDense(tensor.format) ? densePattern(type.shape) : tensor.pattern;
    return this.device.operand(type, pattern, this.#valuesOf(at), k, choice.kernel);
  }

  #valuesOf(at: number): Block {
    const tensor = this.plan.constants[at]!;
    if (tensor.home !== host) return this.device.blockOf(tensor);
    const bytes = tensor.storage.encoded?.bytes ?? tensor.values;
    return (this.#constants[at] ??= this.#own(this.device.put(bytes)));
  }

  #slot(source: Source, type: OperandType, k: number | 'output', { choice }: Step): Operand {
    const pattern = type.pattern ?? densePattern(type.shape);
    if (type.varies) {
      const { values, structure } = this.roomOf(source, type);
      return { ...type, pattern, values, structure };
    }
    this.#retain(pattern);
    return this.device.operand(type, pattern, this.blockOf(source), k, choice.kernel);
  }

  /** Where a value is. */
  blockOf(source: Source): Block {
    if (source.from === 'constant') return this.#valuesOf(source.constant);
    const { block, offset, bytes } = this.plan.slots[source.slot]!;
    return this.device.backend.memory.part(this.#blocks[block]!, offset, bytes);
  }

  /** Where a value is whose pattern varies: its structure lies behind its values. */
  roomOf(source: Source, type: OperandType): { readonly values: Block; readonly structure: Block } {
    const { memory } = this.device.backend;
    const [block, from] = [this.blockOf(source), structureAt(type)];
    return {
      values: memory.part(block, 0, from),
      structure: memory.part(block, from, roomBytes(type.pattern!)),
    };
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Throws `disposed` after {@link dispose}. */
  alive(): void {
    if (this.#disposed)
      throw new SparseError('disposed', 'a compiled graph was used after dispose()', {
        hint: 'compile it again',
      });
  }

  /** Runs the steps over what the input slots hold, and writes what is assigned. */
  run(): void {
    this.alive();
    for (const thunk of this.#thunks) thunk();
    this.#check();
    this.#assign();
    this.device.backend.submit?.();
  }

  /** Throws where a guard is not finite; where memory is the host's, since elsewhere reading takes time. */
  #check(): void {
    const { memory } = this.device.backend;
    for (const { name, source, type, guard } of this.plan.outputs) {
      if (!guard || !memory.view) continue;
      const bytes = memory.view(this.blockOf(source));
      const values = valueView(type.dtype, bytes.buffer, bytes.byteOffset, type.stored);
      const bad = decodeValues(type.dtype, values).find((x) => !Number.isFinite(x));
      if (bad !== undefined)
        throw new SparseError('unsupported', `${name} is ${bad}, and nothing was assigned`, {
          hint: 'take smaller steps, clip gradients, or look for numbers in the data that are not finite',
          detail: { value: bad },
        });
    }
  }

  #assign(): void {
    for (const { into, source } of this.plan.outputs) {
      if (!into) continue;
      const block = this.device.blockOf(into);
      this.device.backend.memory.copy(this.blockOf(source), block, bytesOf(into));
      this.device.touch(into);
    }
  }

  /**
   * Best milliseconds of each step over `repeats` runs of what the input slots hold. Where work is queued, each
   * run is several of the step in one submission, waited for.
   */
  async profile(repeats: number): Promise<readonly number[]> {
    this.alive();
    const { backend } = this.device;
    await backend.ready?.();
    await backend.finish?.();
    const times = backend.finish ? queued : 1;
    const best = this.#thunks.map(() => Infinity);
    for (let r = 0; r < repeats; r++)
      for (const [at, thunk] of this.#thunks.entries()) {
        const start = performance.now();
        for (let time = 0; time < times; time++) thunk();
        if (backend.finish) await backend.finish();
        best[at] = Math.min(best[at]!, (performance.now() - start) / times);
      }
    return best;
  }

  #release(): void {
    for (const thunk of this.#thunks) thunk.release?.();
    for (const pattern of this.#patterns) this.device.patterns.release(pattern);
    for (const block of this.#owned.splice(0)) this.device.free(block);
  }

  /** Gives all memory back. A second call does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#release();
  }
}

const bytesOf = (tensor: Tensor): number => tensor.stored * byteWidth(tensor.dtype);
