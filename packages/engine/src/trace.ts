// Tracing: a function is run once over tensors that have no numbers; each op it calls becomes a node. Tensors
// from outside that it reads become constants, an engine's tensor by reference, so that what is assigned to it
// later is seen.
import {
  densePattern,
  GraphBuilder,
  host,
  isComposed,
  isDense,
  SparseError,
  Tensor,
  type ApplyNode,
  type Composed,
  type DType,
  type Emit,
  type Graph,
  type Home,
  type NodeId,
  type Op,
  type Output,
  type Pattern,
  type Sparsifier,
} from '@lacuna/ir';
import { mask, masked } from '@lacuna/ops';
import { pairedParts, refuseComposed } from './composed.js';
import { differentiate, emitInto } from './passes/gradient.js';
import { sharedPattern } from './passes/shared.js';
import { tensorType } from './passes/types.js';

/** The home of tensors that stand for nodes of a graph in the making. */
export class Tracer implements Home {
  readonly name = 'trace';
  readonly tracing = true;
  readonly builder = new GraphBuilder();
  readonly #nodes = new WeakMap<Tensor, NodeId>();
  readonly #assigned: Output[] = [];
  readonly #engine: Home;

  /** A trace for an engine, whose tensors it may read. */
  constructor(engine: Home) {
    this.#engine = engine;
  }

  /** A tensor that stands for a node. */
  #tensor(id: NodeId, pattern: Pattern, dtype: DType): Tensor {
    const nothing = (): never => {
      throw new SparseError('home', 'a traced tensor has no numbers yet', {
        hint: 'return it from the traced function, and read what the compiled function gives',
      });
    };
    const tensor = new Tensor(pattern, dtype, { home: this, read: nothing, free: () => {} });
    this.#nodes.set(tensor, id);
    return tensor;
  }

  /** An argument of the traced function. */
  input(name: string, pattern: Pattern, dtype: DType): Tensor {
    const where = isDense(pattern.format) ? undefined : pattern;
    return this.#tensor(
      this.builder.input(name, pattern.shape, pattern.format, dtype, where),
      pattern,
      dtype,
    );
  }

  /** The node of a tensor; one from outside becomes a constant. */
  nodeOf(tensor: Tensor): NodeId {
    let id = this.#nodes.get(tensor);
    if (id === undefined) {
      if (tensor.home !== host && tensor.home.tracing)
        throw new SparseError('home', 'a tensor of another trace was used', {
          hint: 'return it from the trace it came from',
        });
      refuseOther(this.#engine, tensor);
      void tensor.storage; // throws after dispose
      id = this.builder.constant(tensor);
      this.#nodes.set(tensor, id);
    }
    return id;
  }

  apply(op: Op, inputs: readonly (Tensor | undefined)[], attrs: object, emit?: Emit): Tensor {
    const ids = inputs.map((t) => t && this.nodeOf(t));
    const kept = emit ?? this.#kept(op, inputs, attrs);
    return this.#result(this.builder.apply(op, ids, attrs, undefined, kept));
  }

  /** Elementwise ops on one shared pattern stay in it. */
  #kept(op: Op, inputs: readonly (Tensor | undefined)[], attrs: object): Emit | undefined {
    const into = sharedPattern(
      op,
      attrs,
      inputs.map((t) => t && tensorType(t)),
    );
    return into && { into };
  }

  #result(id: NodeId): Tensor {
    const node = this.builder.node(id);
    const pattern = (node.kind === 'apply' && node.emit?.into) || densePattern(node.shape);
    return this.#tensor(id, pattern, node.dtype);
  }

  /** A value, stored in just the places of a pattern: by the op that makes it. */
  into(value: Tensor, pattern: Pattern): Tensor {
    return this.#result(emitInto(this.builder, this.nodeOf(value), pattern));
  }

  /** A value pruned as an emit says; the node says so. */
  prune(x: Tensor, how: Sparsifier, beside: readonly Tensor[], emit: Emit): Tensor {
    const kept = this.apply(mask, [x, ...beside], { how });
    return this.apply(masked, [x, kept], { backward: how.backward ?? 'masked' }, emit);
  }

  /** Notes that nothing is to be assigned in a run where a value is not finite. */
  guard(value: Tensor): void {
    this.#assigned.unshift({ name: 'the guarded value', node: this.nodeOf(value), guard: true });
  }

  /** Gradients of one number with respect to tensors, each in the pattern of its tensor. */
  gradients(loss: Tensor, wrt: readonly Tensor[]): readonly Tensor[] {
    const targets = wrt.map((t) => ({
      node: this.nodeOf(t),
      pattern: isDense(t.format) ? undefined : t.pattern,
    }));
    return differentiate(this.builder, this.nodeOf(loss), targets).map((id) => this.#result(id));
  }

  /** Notes that a value is to be written into an engine's tensor at the end of each run. */
  assign(target: Tensor, value: Tensor): void {
    if (target.home === host || target.home === this)
      throw new SparseError('home', 'assign was given a tensor that no engine holds', {
        hint: 'make it with engine.tensor or engine.put',
      });
    const node = this.builder.node(this.nodeOf(value)) as ApplyNode;
    const pattern = value.pattern;
    const same = isDense(target.format) ? isDense(pattern.format) : pattern === target.pattern;
    if (target.shape.join() !== value.shape.join() || !same) {
      throw new SparseError('shape', `${value.toString()} was assigned to ${target.toString()}`, {
        hint: 'assign a value of the same shape and the same pattern',
      });
    }
    this.#assigned.push({ name: `assign${this.#assigned.length}`, node: node.id, into: target });
  }

  /** The graph with these results. */
  finish(results: readonly { readonly name: string; readonly tensor: Tensor }[]): Graph {
    const outputs = results.map(({ name, tensor }) => ({ name, node: this.nodeOf(tensor) }));
    return this.builder.finish([...outputs, ...this.#assigned]);
  }
}

/** Throws `home` for a tensor that neither an engine nor the host holds. */
export function refuseOther(engine: Home, tensor: Tensor): void {
  if (tensor.home === host || tensor.home === engine) return;
  throw new SparseError('home', 'a compiled function was given tensors of two engines', {
    hint: 'copy one with engine.put(await other.get(tensor))',
  });
}

function tracerOf(tensor: Tensor, what: string): Tracer {
  if (isComposed(tensor)) refuseComposed(what, 'loss', tensor);
  if (tensor.home instanceof Tracer) return tensor.home;
  throw new SparseError('home', `${what} was called outside a traced function`, {
    hint: 'call it inside the function that you give to engine.compile',
  });
}

/**
 * Gradients of a loss of one number with respect to tensors, inside a traced function. The gradient of a
 * sparse tensor is in its own pattern, and no dense gradient is formed where a kernel can do so.
 *
 * @throws SparseError `home` outside a traced function, `shape` where the loss is not one number,
 * `unsupported` where an op on the way has no gradient.
 */
export function gradients(loss: Tensor, wrt: readonly Tensor[]): readonly Tensor[] {
  for (const t of wrt) if (isComposed(t)) refuseComposed('gradients', 'gradients', t);
  return tracerOf(loss, 'gradients').gradients(loss, wrt);
}

/**
 * Writes a traced value into an engine's tensor at the end of each run of a compiled function; a composition's parts
 * into those of another.
 *
 * @throws SparseError `shape` where shape, pattern or parts differ.
 */
export function assign(target: Tensor | Composed, value: Tensor | Composed): void {
  if (isComposed(target) || isComposed(value))
    for (const [to, from] of pairedParts(target, value)) assign(to, from);
  else tracerOf(value, 'assign').assign(target, value);
}

/**
 * Guards what a compiled function assigns: in a run where `value` is not finite, tensors stay as they were and
 * the call throws. Where memory is not the host's, it is not looked at.
 *
 * @throws SparseError `home` outside a traced function.
 */
export function guard(value: Tensor): void {
  tracerOf(value, 'guard').guard(value);
}
