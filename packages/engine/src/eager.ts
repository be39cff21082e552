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
  type Block,
  type Bound,
  type Emit,
  type Home,
  type Op,
  type Operand,
  type OperandType,
  type Pattern,
  type Tensor,
} from '@lacuna/ir';
import { densify, restrict } from '@lacuna/ops';
import { bind, scratchBytes, signatureOf } from './bind.js';
import type { Device } from './device.js';
import type { Listener } from './events.js';
import { keyOf } from './callkey.js';
import { choose, label, type Choice } from './passes/choose.js';
import { checkShapes } from './passes/shapes.js';
import { isDenseType, tensorType } from './passes/types.js';
import type { Registry } from './registry.js';

/** What to do where no kernel fits: run the reference and say so, refuse, or run it silently. */
export type FallbackPolicy = 'explain' | 'refuse' | 'quiet';

/** A kind of call that was seen before. */
interface KnownCall {
  readonly choice: Choice;
  readonly pattern: Pattern;
  /** Bytes of the output's values, and of scratch memory. */
  readonly bytes: number;
  readonly scratch: number;
  /** The last binding, and where everything was. */
  places: readonly number[];
  run: Bound | undefined;
}

/** The part of an engine that runs single ops. */
export class Eager {
  readonly #calls = new Map<Op, Map<string, KnownCall>>();
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
  callFor(op: Op, inputs: readonly (Tensor | undefined)[], attrs: object, emit?: Emit): KnownCall {
    const key = keyOf(inputs, attrs, emit);
    let calls = this.#calls.get(op);
    if (!calls) this.#calls.set(op, (calls = new Map()));
    let call = calls.get(key);
    if (!call) {
      forgetOldest(calls);
      calls.set(key, (call = this.#choose(op, inputs, attrs, emit)));
    }
    if (call.choice.why !== undefined) this.fallback(op, call.choice.why);
    return call;
  }

  #choose(op: Op, inputs: readonly (Tensor | undefined)[], attrs: object, emit?: Emit): KnownCall {
    const start = performance.now();
    const node = oneNode(op, inputs, attrs, emit);
    const offers = inputs.map((t) => t && { type: tensorType(t, true), also: [] });
    const choice = choose(node, offers, this.registry, this.device.backend.rates);
    this.emit({ type: 'plan', key: op.opName, nodes: 1, ms: performance.now() - start });
    this.emit({
      type: 'choose',
      op: op.opName,
      kernel: label(choice),
      seconds: choice.seconds,
      ...(choice.runnerUp && { runnerUp: choice.runnerUp.name }),
    });
    const { pattern = densePattern(choice.output.shape), dtype, stored } = choice.output;
    const bytes = stored * byteWidth(dtype);
    return {
      choice,
      pattern,
      bytes,
      scratch: scratchBytes(op, attrs, choice),
      places: [],
      run: undefined,
    };
  }

  /** Computes one op; the result is a new tensor of `home`. */
  apply(
    home: Home,
    op: Op,
    given: readonly (Tensor | undefined)[],
    attrs: object,
    emit?: Emit,
  ): Tensor {
    const made = this.#compute(home, op, given, attrs, emit);
    if (!emit?.into || made.pattern === emit.into || isDense(emit.into.format)) return made;
    try {
      return this.#compute(home, restrict, [made], {}, emit);
    } finally {
      made.dispose();
    }
  }

  #compute(
    home: Home,
    op: Op,
    given: readonly (Tensor | undefined)[],
    attrs: object,
    emit?: Emit,
  ): Tensor {
    const { device } = this;
    const inputs = given.map((t) => t && device.own(home, t));
    const call = this.callFor(op, inputs, attrs, emit);
    const { choice } = call;
    const forms = inputs.map((t, k) =>
      t && choice.kernel && isDenseType(choice.inputs[k]!) ? this.#dense(home, t) : t,
    );
    const result = device.tensor(home, call.pattern, choice.output.dtype, device.alloc(call.bytes));
    let scratch: Block | undefined;
    try {
      scratch = call.scratch > 0 ? device.alloc(call.scratch) : undefined;
      const run = this.#bound(call, op, attrs, forms, result, scratch);
      run();
      device.backend.submit?.();
      if (run !== call.run) run.release?.();
      return result;
    } catch (error) {
      result.dispose();
      throw error;
    } finally {
      if (scratch) device.free(scratch);
    }
  }

  /** The call bound to its memory: the last binding, where everything is in the same place again. */
  #bound(
    call: KnownCall,
    op: Op,
    attrs: object,
    inputs: readonly (Tensor | undefined)[],
    result: Tensor,
    scratch: Block | undefined,
  ): Bound {
    const { choice } = call;
    const places = this.#places(call, [...inputs, result], scratch);
    if (call.run && places && places.every((place, at) => place === call.places[at]))
      return call.run;
    const operands = inputs.map((t, k) => t && this.#operand(t, choice, k, op, attrs));
    const { device } = this;
    const output = device.operand(
      choice.output,
      call.pattern,
      device.blockOf(result),
      'output',
      choice.kernel,
    );
    const run = bind(device, {
      op,
      attrs,
      choice,
      inputs: operands,
      output,
      ...(scratch && { scratch }),
    });
    if (places) {
      call.run?.release?.();
      [call.places, call.run] = [places, run];
    }
    return run;
  }

  /** Where everything is that a binding points at; undefined where bindings cannot serve again. */
  #places(
    { choice }: KnownCall,
    tensors: readonly (Tensor | undefined)[],
    scratch: Block | undefined,
  ): number[] | undefined {
    const { device } = this;
    const { memory } = device.backend;
    const { kernel } = choice;
    if (!memory.place || !kernel || kernel.prepare || kernel.index || kernel.derive)
      return undefined;
    const places = [scratch ? memory.place(scratch) : 0];
    for (const [k, tensor] of tensors.entries()) {
      if (!tensor) continue;
      places.push(memory.place(this.#valuesOf(tensor, choice.inputs[k] ?? choice.output)));
      const structure = device.patterns.structureOf(tensor.pattern);
      if (structure) places.push(memory.place(structure));
    }
    return places;
  }

  #valuesOf(tensor: Tensor, { format: { codec } }: OperandType): Block {
    return codec ? this.device.codesOf(tensor) : this.device.blockOf(tensor);
  }

  #operand(tensor: Tensor, choice: Choice, k: number, op: Op, attrs: object): Operand {
    const { kernel } = choice;
    const type = choice.inputs[k]!;
    const prepare = kernel?.prepare?.[k];
    if (!prepare)
      return this.device.operand(type, tensor.pattern, this.#valuesOf(tensor, type), k, kernel);
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

  /** Reports or refuses the use of a reference, by policy; none runs where memory is not the host's. */
  fallback(op: Op, why: string): void {
    const { name, memory } = this.device.backend;
    if (!memory.view)
      throw new SparseError('no-kernel', `${op.opName} on ${name}: ${why}`, {
        hint: 'write the operands in float32, convert one with await engine.convert(tensor, layout), add a plug-in with a kernel, or make an engine on wasm()',
      });
    if (this.policy === 'refuse') {
      throw new SparseError('no-kernel', `${op.opName}: ${why}`, {
        hint: "convert an input, add a plug-in with a kernel, or create the engine with { fallback: 'explain' }",
      });
    }
    if (this.policy === 'explain') this.emit({ type: 'fallback', op: op.opName, why });
  }
}

/** Kinds of calls of an op that are kept: a weight that is pruned anew makes another kind each time. */
const kept = 4096;

function forgetOldest(calls: Map<string, KnownCall>): void {
  if (calls.size < kept) return;
  const [key, oldest] = calls.entries().next().value!;
  oldest.run?.release?.();
  calls.delete(key);
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
