// An eager call is a one-node graph. Its choice is kept under a key of everything that the choice depends
// on, so that the next call of the same kind goes straight to memory and kernel.
import {
  convert,
  dense,
  densePattern,
  GraphBuilder,
  makeTensor,
  printFormat,
  SparseError,
  type ApplyNode,
  type Graph,
  type Home,
  type Op,
  type Operand,
  type OperandType,
  type Tensor,
} from '@lacuna/ir';
import type { Device } from './device.js';
import { bind, scratchBytes, signatureOf } from './bind.js';
import { choose, label, type Choice } from './passes/choose.js';
import { typeOf } from './passes/place.js';
import { checkShapes } from './passes/shapes.js';
import type { Registry } from './registry.js';
import type { Listener } from './events.js';

/** What to do where no kernel fits: run the reference and say so, refuse, or run it silently. */
export type FallbackPolicy = 'explain' | 'refuse' | 'quiet';

/** The part of an engine that runs single ops. */
export class Eager {
  readonly #choices = new Map<string, Choice>();
  readonly #converted = new WeakMap<Tensor, Map<string, Tensor>>();
  readonly device: Device;
  readonly registry: Registry;
  readonly policy: FallbackPolicy;
  readonly emit: Listener;

  constructor(device: Device, registry: Registry, policy: FallbackPolicy, emit: Listener) {
    this.device = device;
    this.registry = registry;
    this.policy = policy;
    this.emit = emit;
  }

  /** How an op would be computed for inputs like these. */
  choiceFor(op: Op, inputs: readonly (Tensor | undefined)[], attrs: object): Choice {
    const key = keyOf(op, inputs, attrs);
    let choice = this.#choices.get(key);
    if (!choice) {
      const start = performance.now();
      const node = oneNode(op, inputs, attrs);
      choice = choose(
        node,
        inputs.map((t) => t && { type: typeOf(t), also: [] }),
        this.registry,
        this.device.backend.rates,
      );
      this.#choices.set(key, choice);
      this.emit({ type: 'plan', key, nodes: 1, ms: performance.now() - start });
      this.emit({
        type: 'choose',
        op: op.opName,
        kernel: label(choice),
        seconds: choice.seconds,
        ...(choice.runnerUp && { runnerUp: choice.runnerUp.name }),
      });
    }
    if (choice.why !== undefined) this.#fallback(op, choice.why);
    return choice;
  }

  /** Computes one op; the result is a new tensor of `home`. */
  apply(home: Home, op: Op, given: readonly (Tensor | undefined)[], attrs: object): Tensor {
    const { device } = this;
    const inputs = given.map((t) => t && device.own(home, t));
    const choice = this.choiceFor(op, inputs, attrs);
    const operands = inputs.map((t, k) => t && this.#operand(home, t, choice, k, op, attrs));
    const { shape, dtype, stored } = choice.output;
    const pattern = densePattern(shape);
    const block = device.alloc(Math.max(1, stored * 4 * (dtype === 'float64' ? 2 : 1)));
    const scratch = scratchBytes(op, attrs, choice);
    const passing = scratch > 0 ? device.alloc(scratch) : undefined;
    try {
      bind(device, {
        op,
        attrs,
        choice,
        inputs: operands,
        output: { ...choice.output, pattern, values: block },
        ...(passing && { scratch: passing }),
      })();
      device.backend.submit?.();
      return device.tensor(home, pattern, dtype, block);
    } catch (error) {
      device.free(block);
      throw error;
    } finally {
      if (passing) device.free(passing);
    }
  }

  #operand(home: Home, tensor: Tensor, choice: Choice, k: number, op: Op, attrs: object): Operand {
    const type = choice.inputs[k]!;
    const form =
      type.format.layout === tensor.format.layout ? tensor : this.#hop(home, tensor, type);
    const prepared =
      choice.kernel &&
      this.device.preparedOf(form, choice.kernel, k, signatureOf(op, attrs, choice), () =>
        this.#onHost(form),
      );
    const structure = prepared ? undefined : this.device.structureOf(form);
    return {
      ...type,
      pattern: form.pattern,
      values: this.device.blockOf(form),
      ...(structure && { structure }),
      ...(prepared && { prepared }),
    };
  }

  /** A lossless copy in another format, kept for as long as the tensor lives. */
  #hop(home: Home, tensor: Tensor, to: OperandType): Tensor {
    const name = printFormat(to.format);
    let kept = this.#converted.get(tensor);
    if (!kept) {
      const map = (kept = new Map<string, Tensor>());
      this.#converted.set(tensor, map);
      tensor.onDispose(() => map.forEach((t) => t.dispose()));
    }
    let copy = kept.get(name);
    if (!copy) {
      this.emit({
        type: 'convert',
        from: printFormat(tensor.format),
        to: name,
        why: 'no kernel takes it as it is',
      });
      copy = this.device.upload(home, convert(this.#onHost(tensor), to.format));
      kept.set(name, copy);
    }
    return copy;
  }

  #onHost(tensor: Tensor): Tensor {
    const values = this.device.view(tensor);
    if (!values)
      throw new SparseError(
        'no-kernel',
        `${tensor.toString()} would have to change its layout, and its memory is not the host's`,
        { hint: 'convert it with await engine.convert(tensor, layout)' },
      );
    return makeTensor(tensor.pattern, tensor.dtype, values.slice());
  }

  #fallback(op: Op, why: string): void {
    if (this.policy === 'refuse')
      throw new SparseError('no-kernel', `${op.opName}: ${why}`, {
        hint: "convert an input, add a plug-in with a kernel, or create the engine with { fallback: 'explain' }",
      });
    if (this.policy === 'explain') this.emit({ type: 'fallback', op: op.opName, why });
  }
}

/** The graph of one call. */
export function oneNode(op: Op, inputs: readonly (Tensor | undefined)[], attrs: object): ApplyNode {
  const builder = new GraphBuilder();
  const ids = inputs.map((t, k) => t && builder.input(`x${k}`, t.shape, t.format, t.dtype));
  const graph: Graph = builder.finish({ y: builder.apply(op, ids, attrs, 'y') });
  checkShapes(graph);
  return graph.nodes.at(-1) as ApplyNode;
}

function keyOf(op: Op, inputs: readonly (Tensor | undefined)[], attrs: object): string {
  const types = inputs.map((t) =>
    t
      ? `${printFormat(t.format)}:${t.dtype}:${t.shape.join('x')}:${t.format.layout === dense ? '' : t.stored}`
      : '_',
  );
  return `${op.opName}(${types.join(';')})${JSON.stringify(attrs)}`;
}
