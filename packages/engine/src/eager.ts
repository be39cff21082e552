// An eager call is a one-node graph. Its choice is kept under a key of everything that the choice depends
// on, so that the next call of the same kind goes straight to memory and kernel.
import {
  byteWidth,
  convert,
  densePattern,
  GraphBuilder,
  host,
  isDense,
  makeTensor,
  printFormat,
  SparseError,
  type ApplyNode,
  type Emit,
  type Home,
  type Op,
  type Operand,
  type Tensor,
} from '@lacuna/ir';
import { densify } from '@lacuna/ops';
import { bind, scratchBytes, signatureOf } from './bind.js';
import type { Device } from './device.js';
import type { Listener } from './events.js';
import { identity } from './identity.js';
import { choose, label, type Choice } from './passes/choose.js';
import { checkShapes } from './passes/shapes.js';
import { isDenseType, tensorType } from './passes/types.js';
import type { Registry } from './registry.js';

/** What to do where no kernel fits: run the reference and say so, refuse, or run it silently. */
export type FallbackPolicy = 'explain' | 'refuse' | 'quiet';

/** The part of an engine that runs single ops. */
export class Eager {
  readonly #choices = new Map<string, Choice>();
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
  choiceFor(op: Op, inputs: readonly (Tensor | undefined)[], attrs: object, emit?: Emit): Choice {
    const key = keyOf(op, inputs, attrs, emit);
    let choice = this.#choices.get(key);
    if (!choice) {
      const start = performance.now();
      const node = oneNode(op, inputs, attrs, emit);
      const offers = inputs.map((t) => t && { type: tensorType(t), also: [] });
      choice = choose(node, offers, this.registry, this.device.backend.rates);
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
    if (choice.why !== undefined) this.fallback(op, choice.why);
    return choice;
  }

  /** Computes one op; the result is a new tensor of `home`. */
  apply(
    home: Home,
    op: Op,
    given: readonly (Tensor | undefined)[],
    attrs: object,
    emit?: Emit,
  ): Tensor {
    const { device } = this;
    const inputs = given.map((t) => t && device.own(home, t));
    const choice = this.choiceFor(op, inputs, attrs, emit);
    const forms = inputs.map(
      (t, k) => t && (choice.kernel && isDenseType(choice.inputs[k]!) ? this.#dense(home, t) : t),
    );
    const { dtype, stored, shape } = choice.output;
    const pattern = choice.output.pattern ?? densePattern(shape);
    const result = device.tensor(home, pattern, dtype, device.alloc(stored * byteWidth(dtype)));
    const scratch = scratchBytes(op, attrs, choice);
    let passing;
    try {
      passing = scratch > 0 ? device.alloc(scratch) : undefined;
      const operands = forms.map((t, k) => t && this.#operand(t, choice, k, op, attrs));
      const output = device.operand(
        choice.output,
        pattern,
        device.blockOf(result),
        'output',
        choice.kernel,
      );
      bind(device, {
        op,
        attrs,
        choice,
        inputs: operands,
        output,
        ...(passing && { scratch: passing }),
      })();
      device.backend.submit?.();
      return result;
    } catch (error) {
      result.dispose();
      throw error;
    } finally {
      if (passing) device.free(passing);
    }
  }

  #operand(tensor: Tensor, choice: Choice, k: number, op: Op, attrs: object): Operand {
    const { kernel } = choice;
    const type = choice.inputs[k]!;
    const prepare = kernel?.prepare?.[k];
    if (!prepare)
      return this.device.operand(type, tensor.pattern, this.device.blockOf(tensor), k, kernel);
    const prepared = this.device.derive(tensor, kernel, () => {
      const block = this.device.put(prepare(this.#onHost(tensor), signatureOf(op, attrs, choice)));
      return { value: block, free: () => this.device.free(block) };
    });
    return { ...type, pattern: tensor.pattern, values: prepared, prepared };
  }

  /** The dense form of a tensor, kept until it changes: by `scatter` where the backend has it. */
  #dense(home: Home, tensor: Tensor): Tensor {
    if (isDense(tensor.format)) return tensor;
    return this.device.derive(tensor, densify, () => {
      this.emit({
        type: 'convert',
        from: printFormat(tensor.format),
        to: 'dense',
        why: 'no kernel takes it as it is',
      });
      const copy =
        this.registry.kernelsFor(densify).length > 0
          ? this.apply(home, densify, [tensor], {})
          : this.device.upload(
              home,
              convert(this.#onHost(tensor), densePattern(tensor.shape).format),
            );
      return { value: copy, free: () => copy.dispose() };
    });
  }

  #onHost(tensor: Tensor): Tensor {
    if (tensor.home === host) return tensor;
    const values = this.device.view(tensor);
    if (!values) {
      throw new SparseError(
        'no-kernel',
        `${tensor.toString()} would have to change its layout, and its memory is not the host's`,
        { hint: 'convert it with await engine.convert(tensor, layout)' },
      );
    }
    return makeTensor(tensor.pattern, tensor.dtype, values.slice());
  }

  /** Reports or refuses the use of a reference, by policy. */
  fallback(op: Op, why: string): void {
    if (this.policy === 'refuse') {
      throw new SparseError('no-kernel', `${op.opName}: ${why}`, {
        hint: "convert an input, add a plug-in with a kernel, or create the engine with { fallback: 'explain' }",
      });
    }
    if (this.policy === 'explain') this.emit({ type: 'fallback', op: op.opName, why });
  }
}

/** The node of one call. */
export function oneNode(
  op: Op,
  inputs: readonly (Tensor | undefined)[],
  attrs: object,
  emit?: Emit,
): ApplyNode {
  const builder = new GraphBuilder();
  const ids = inputs.map((t, k) => t && builder.input(`x${k}`, t.shape, t.format, t.dtype));
  const graph = builder.finish({ y: builder.apply(op, ids, attrs, 'y', emit) });
  checkShapes(graph);
  return graph.nodes.at(-1) as ApplyNode;
}

function keyOf(
  op: Op,
  inputs: readonly (Tensor | undefined)[],
  attrs: object,
  emit: Emit | undefined,
): string {
  const types = inputs.map((t) =>
    t
      ? `${printFormat(t.format)}:${t.dtype}:${t.shape.join('x')}${isDense(t.format) ? '' : `#${identity(t.pattern)}`}`
      : '_',
  );
  return `${op.opName}(${types.join(';')})${JSON.stringify(attrs)}${emit?.into ? `->${identity(emit.into)}` : ''}`;
}
