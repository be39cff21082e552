// How far a gradient may be from exact when a rule is computed in single precision: each node of the rule is run on
// references in double precision, beside a bound on its error, which is carried on through the ops that read it.
import {
  assemble,
  decodeValues,
  dense,
  inferShape,
  makeTensor,
  sizeOf,
  toDense,
  unitRoundoff,
  type GradientScope,
  type NodeId,
  type Op,
  type Shape,
  type Tensor,
} from '@lacuna/ir';
import {
  absolute,
  add,
  batchMatmul,
  biasAdd,
  broadcast,
  clamp,
  concatenate,
  conv2d,
  conv2dFilter,
  convTranspose2d,
  linear,
  matmul,
  max,
  maximum,
  maxPool,
  mean,
  minimum,
  multiply,
  pad,
  poolIndices,
  relu,
  relu6,
  reshape,
  scale,
  sign,
  slice,
  subtract,
  sum,
  sumTo,
  transpose,
} from '@lacuna/ops';
import { boundOf } from './bound.js';

/** A value of a rule in double precision, and how far single precision may be from it; absent: not known. */
interface Carried {
  readonly tensor: Tensor;
  readonly error?: Float64Array | undefined;
}

const plain = (shape: Shape, numbers: ArrayLike<number>): Tensor =>
  assemble(dense(), shape, numbers, { dtype: 'float64' });

/** Ops that only move numbers. */
const movers: ReadonlySet<Op> = new Set<Op>([
  reshape,
  transpose,
  slice,
  broadcast,
  concatenate,
  pad,
] as Op[]);

/** Ops that give one of their numbers, or a bound, as it is. */
const choosers: ReadonlySet<Op> = new Set<Op>([
  absolute,
  clamp,
  max,
  maxPool,
  maximum,
  minimum,
  poolIndices,
  relu,
  relu6,
] as Op[]);

/** Ops that grow with the size of every operand, so that errors of operands are seen by enlarging them. */
const growing: ReadonlySet<Op> = new Set<Op>([
  add,
  multiply,
  biasAdd,
  scale,
  sum,
  sumTo,
  mean,
  linear,
  matmul,
  batchMatmul,
  conv2d,
  convTranspose2d,
  conv2dFilter,
] as Op[]);

/** The op by whose growth errors are carried through `op`. */
function growth(op: Op, attrs: object): { readonly op: Op; readonly attrs: object } | undefined {
  if (op === subtract) return { op: add, attrs: {} };
  if (op === (scale as Op)) {
    const { factor } = attrs as { factor: number };
    return { op, attrs: { factor: Math.abs(factor) } };
  }
  return growing.has(op) ? { op, attrs: op.spec.linearAttrs?.(attrs) ?? attrs } : undefined;
}

const shapeOf = (op: Op, tensors: readonly (Tensor | undefined)[], attrs: object): Shape =>
  inferShape(
    op,
    tensors.map((t) => t?.shape),
    attrs,
  );

function carry(op: Op, given: readonly (Carried | undefined)[], attrs: object): Carried {
  const tensors = given.map((c) => c?.tensor);
  const shape = inferShape(
    op,
    tensors.map((t) => t?.shape),
    attrs,
  );
  const tensor = plain(shape, op.spec.reference(tensors, attrs));
  return { tensor, error: errorOf(op, given, attrs) };
}

function errorOf(
  op: Op,
  given: readonly (Carried | undefined)[],
  attrs: object,
): Float64Array | undefined {
  if (given.some((c) => c && !c.error)) return undefined;
  const tensors = given.map((c) => c?.tensor);
  const sure = given.every((c) => !c || c.error!.every((e) => e === 0));
  if (op === sign) {
    const { tensor, error } = given[0]!;
    // Right where the number is clear of 0; else it may be any of −1, 0 and 1.
    return Float64Array.from(toDense(tensor), (v, at) =>
      error![at] === 0 || Math.abs(v) > error![at]! ? 0 : 1 + Math.abs(Math.sign(v)),
    );
  }
  if (sure && choosers.has(op)) return new Float64Array(sizeOf(shapeOf(op, tensors, attrs)));
  if (sure && (op === add || op === subtract)) {
    const u = unitRoundoff('float32');
    return op.spec.reference(tensors, attrs).map((y) => u * Math.abs(y));
  }
  if (movers.has(op)) {
    const errors = given.map((c) => c && plain(c.tensor.shape, c.error!));
    return op.spec.reference(errors, 'value' in attrs ? { ...attrs, value: 0 } : attrs);
  }
  if (sure)
    return flattened(op, tensors, attrs) ?? boundOf(op, tensors, attrs, 'float32').tolerance;
  const grown = growth(op, attrs);
  if (!grown) return op.spec.pointwise ? nearby(op, given, attrs) : undefined;
  const sizes = given.map((c) => c && plain(c.tensor.shape, toDense(c.tensor).map(Math.abs)));
  const larger = given.map(
    (c) =>
      c &&
      plain(
        c.tensor.shape,
        toDense(c.tensor).map((v, at) => Math.abs(v) + c.error![at]!),
      ),
  );
  const [least, most] = [sizes, larger].map((ts) => grown.op.spec.reference(ts, grown.attrs));
  const { tolerance } = boundOf(grown.op, larger, grown.attrs, 'float32');
  // Twice, for what the differences themselves lose.
  return tolerance.map((t, at) => known(t + 2 * Math.abs(most![at]! - least![at]!)));
}

/**
 * The error of a product that an activation follows: none where the activation is flat as far as the product may
 * be off.
 */
function flattened(
  op: Op,
  tensors: readonly (Tensor | undefined)[],
  attrs: object,
): Float64Array | undefined {
  const { activation = 'none' } = attrs as { readonly activation?: string };
  const linearly = op.spec.linearAttrs?.(attrs);
  if (!linearly || (activation !== 'relu' && activation !== 'relu6')) return undefined;
  const top = activation === 'relu' ? Infinity : 6;
  const act = (x: number): number => Math.min(top, Math.max(0, x));
  const { exact, tolerance } = boundOf(op, tensors, linearly, 'float32');
  return exact.map((y, at) => act(y + tolerance[at]!) - act(y - tolerance[at]!));
}

/** A bound that came out of what are no numbers is none. */
const known = (error: number): number => (Number.isNaN(error) ? Infinity : error);

/**
 * What errors of operands do to an op that goes element by element: how far it moves when an operand does, to
 * either side, twice that for what curves in between, and its own bound. Not known where it moves out of numbers.
 */
function nearby(op: Op, given: readonly (Carried | undefined)[], attrs: object): Float64Array {
  const tensors = given.map((c) => c?.tensor);
  const { exact, tolerance } = boundOf(op, tensors, attrs, 'float32');
  const total = tolerance.slice();
  given.forEach((c, k) => {
    if (!c || c.error!.every((e) => e === 0)) return;
    for (const side of [1, -1]) {
      const numbers = toDense(c.tensor).map((v, at) => v + side * c.error![at]!);
      const moved = op.spec.reference(tensors.with(k, plain(c.tensor.shape, numbers)), attrs);
      moved.forEach((y, at) => (total[at]! += 2 * Math.abs(y - exact[at]!)));
    }
  });
  return total.map(known);
}

/** Gradients by the rule in double precision, with how far an engine's may be from them. */
export function carried(
  op: Op,
  inputs: readonly (Tensor | undefined)[],
  attrs: object,
  dy: Tensor,
): readonly (
  | { readonly exact: Float64Array; readonly tolerance: Float64Array | undefined }
  | undefined
)[] {
  const values: Carried[] = [];
  const put = (c: Carried): NodeId => values.push(c) - 1;
  const sure = (t: Tensor): Carried => ({ tensor: t, error: new Float64Array(sizeOf(t.shape)) });
  const exactly = (t: Tensor): Tensor =>
    op.spec.keepsPattern
      ? makeTensor(t.pattern, 'float64', Float64Array.from(decodeValues(t.dtype, t.values)))
      : plain(t.shape, toDense(t));
  const given = inputs.map((t) => t && sure(exactly(t)));
  const ids = given.map((c) => c && put(c));
  const scope: GradientScope = {
    inputs: ids,
    output: put(carry(op, given, attrs)),
    dy: put(sure(plain(dy.shape, toDense(dy)))),
    wants: (k) => inputs[k] !== undefined,
    shapeOf: (id) => values[id]!.tensor.shape,
    apply: (of, from, how) =>
      put(
        carry(
          of,
          from.map((id) => (id === undefined ? undefined : values[id]!)),
          { ...of.spec.defaults, ...how },
        ),
      ),
    constant: (shape, numbers) => put(sure(plain(shape, Float32Array.from(numbers)))),
    number: (value) => put(sure(plain([], [Math.fround(value)]))),
  };
  const found = op.spec.gradient.rule!(scope, attrs);
  return inputs.map((input, k) => {
    const id = found[k];
    if (!input || id === undefined) return undefined;
    const own = values[id]!;
    const fitted =
      own.tensor.shape.join() === input.shape.join()
        ? own
        : carry(sumTo, [own], { shape: [...input.shape] });
    return { exact: Float64Array.from(toDense(fitted.tensor)), tolerance: fitted.error };
  });
}
