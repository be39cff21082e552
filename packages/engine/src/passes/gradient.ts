// Reverse-mode differentiation as a transform of a graph in the making (Griewank & Walther, Evaluating
// Derivatives, 2008): nodes are visited from the loss back, and each op's rule says the gradients of its
// inputs as further nodes. A sparse target's gradient is emitted into the target's pattern.
import {
  assemble,
  dense,
  sizeOf,
  SparseError,
  type ApplyNode,
  type DType,
  type GradientScope,
  type GraphBuilder,
  type NodeId,
  type Pattern,
} from '@lacuna/ir';
import { add, restrict, sumTo } from '@lacuna/ops';

/** What a gradient is taken with respect to. */
export interface Target {
  readonly node: NodeId;
  /** The pattern that the gradient is emitted into; absent: dense. */
  readonly pattern: Pattern | undefined;
}

/** Appends the gradients of `loss` with respect to `targets`; gives their nodes. */
export function differentiate(
  builder: GraphBuilder,
  loss: NodeId,
  targets: readonly Target[],
): readonly NodeId[] {
  const { shape, dtype } = builder.node(loss);
  if (sizeOf(shape) !== 1) {
    throw new SparseError(
      'shape',
      `the gradient of a value of shape [${shape.join(', ')}] was asked for`,
      { hint: 'take the mean or the sum of it first' },
    );
  }
  const reaches = reachable(builder, loss, targets);
  const parts = new Map<NodeId, NodeId[]>([[loss, [number(builder, 1, shape, dtype)]]]);
  for (let id = loss; id >= 0; id--) {
    const node = builder.node(id);
    const own = parts.get(id);
    if (!own || node.kind !== 'apply' || !reaches[id]) continue;
    const dy = total(builder, own);
    parts.set(id, [dy]);
    const wants = (k: number): boolean =>
      node.inputs[k] !== undefined && reaches[node.inputs[k]] === true;
    rule(builder, node, dy, wants).forEach((gradient, k) => {
      const input = node.inputs[k];
      if (gradient === undefined || input === undefined || !wants(k)) return;
      const fitted = fit(builder, gradient, builder.node(input).shape);
      parts.set(input, [...(parts.get(input) ?? []), fitted]);
    });
  }
  return targets.map(({ node, pattern }) => {
    const own = parts.get(node) ?? [zeros(builder, node)];
    return pattern
      ? total(
          builder,
          own.map((part) => emitInto(builder, part, pattern)),
          pattern,
        )
      : total(builder, own);
  });
}

/** Which nodes up to the loss depend on a target. */
function reachable(builder: GraphBuilder, loss: NodeId, targets: readonly Target[]): boolean[] {
  const reaches: boolean[] = [];
  for (const { node } of targets) reaches[node] = true;
  for (let id = 0; id <= loss; id++) {
    const node = builder.node(id);
    if (node.kind === 'apply' && node.inputs.some((k) => k !== undefined && reaches[k]))
      reaches[id] = true;
  }
  return reaches;
}

function rule(
  builder: GraphBuilder,
  node: ApplyNode,
  dy: NodeId,
  wants: (k: number) => boolean,
): readonly (NodeId | undefined)[] {
  const { gradient } = node.op.spec;
  if (!gradient.rule) {
    throw new SparseError('unsupported', `${node.op.opName} has no gradient: ${gradient.none}`, {
      hint: 'take the gradient of something that does not pass through it',
    });
  }
  const { dtype } = builder.node(dy);
  const scope: GradientScope = {
    inputs: node.inputs,
    output: node.id,
    dy,
    wants,
    shapeOf: (id) => builder.node(id).shape,
    apply: (op, inputs, attrs, emit) => builder.apply(op, inputs, attrs, undefined, emit),
    constant: (shape, numbers) => builder.constant(assemble(dense(), shape, numbers, { dtype })),
    number: (value) => number(builder, value, [], dtype),
  };
  return gradient.rule(scope, node.attrs);
}

/** A gradient of a stretched operand is summed over where it was stretched. */
function fit(builder: GraphBuilder, gradient: NodeId, shape: readonly number[]): NodeId {
  return builder.node(gradient).shape.join() === shape.join()
    ? gradient
    : builder.apply(sumTo, [gradient], { shape: [...shape] });
}

function total(builder: GraphBuilder, parts: readonly NodeId[], pattern?: Pattern): NodeId {
  if (parts.length === 1) return parts[0]!;
  return builder.apply(add, parts, {}, undefined, pattern && { into: pattern });
}

/** A value emitted into a pattern: by the product that makes it, else by dropping what has no place. */
export function emitInto(builder: GraphBuilder, id: NodeId, pattern: Pattern): NodeId {
  const node = builder.node(id);
  if (node.kind === 'apply' && !node.emit)
    return builder.apply(node.op, node.inputs, node.attrs, `${node.name}/into`, { into: pattern });
  return node.kind === 'apply' && node.emit?.into === pattern
    ? id
    : builder.apply(restrict, [id], {}, undefined, { into: pattern });
}

function zeros(builder: GraphBuilder, like: NodeId): NodeId {
  const { shape, dtype } = builder.node(like);
  return number(builder, 0, shape, dtype);
}

function number(
  builder: GraphBuilder,
  value: number,
  shape: readonly number[],
  dtype: DType,
): NodeId {
  const numbers = new Float64Array(sizeOf(shape)).fill(value);
  return builder.constant(assemble(dense(), shape, numbers, { dtype }), String(value));
}
