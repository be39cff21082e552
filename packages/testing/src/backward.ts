// The laws of gradients that an engine computes: for operands in every layout, each gradient is the dense one where
// its operand has places, and nothing elsewhere, within a bound that is carried from node to node of the rule.
import {
  assemble,
  dense,
  flatIndex,
  inferShape,
  isDense,
  makeTensor,
  outside,
  sizeOf,
  toDense,
  type GradientScope,
  type Layout,
  type NodeId,
  type Op,
  type Shape,
  type Tensor,
} from '@lacuna/ir';
import {
  add,
  batchMatmul,
  biasAdd,
  broadcast,
  concatenate,
  conv2d,
  conv2dFilter,
  convTranspose2d,
  linear,
  matmul,
  mean,
  multiply,
  pad,
  reshape,
  scale,
  sign,
  slice,
  subtract,
  sum,
  sumTo,
  transpose,
} from '@lacuna/ops';
import { boundOf, firstOutside, type Bound } from './bound.js';
import { randomCall, type CaseMaker } from './call.js';
import { Broken, claim, type Law } from './law.js';
import type { Random } from './random.js';

/**
 * Gradients of ⟨dy, op(inputs)⟩ with respect to the inputs of `wanted`, in their order, as an engine computes
 * them: row-major numbers, those of a sparse input 0 where it has no places.
 */
export type Differentiate = (
  op: Op,
  inputs: readonly (Tensor | undefined)[],
  attrs: object,
  dy: Tensor,
  wanted: readonly number[],
) => Promise<readonly ArrayLike<number>[]>;

/** What is differentiated, on which cases. */
export interface BackwardSubject {
  readonly op: Op;
  readonly make: CaseMaker;
  readonly differentiate: Differentiate;
  /** Layouts of each input; missing ones are dense. */
  readonly layouts?: readonly (readonly Layout[])[];
}

/** What every way of computing the gradients of an op must keep to; no laws for an op that has none. */
export function backwardLaws(subject: BackwardSubject): readonly Law[] {
  if (!subject.op.spec.gradient.rule) return [];
  return [
    {
      name: 'gradients are the dense ones where their operand has places',
      run: (random) => backward(random, subject),
    },
  ];
}

async function backward(random: Random, subject: BackwardSubject): Promise<void> {
  const { op, make, differentiate, layouts = [] } = subject;
  const { inputs, attrs, words } = randomCall(random, op, make, { layouts });
  const shape = inferShape(
    op,
    inputs.map((t) => t?.shape),
    attrs,
  );
  const dy = assemble(
    dense(),
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.next() * 2 - 1),
  );
  const expected = carried(op, inputs, attrs, dy);
  const wanted = inputs.flatMap((_, k) => (expected[k] ? [k] : []));
  const found = await differentiate(op, inputs, attrs, dy, wanted).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Broken(`the gradient of ${words} throws: ${why}`, { cause });
  });
  wanted.forEach((k, at) => {
    const { exact, tolerance } = expected[k]!;
    const got = found[at]!;
    claim(
      got.length === exact.length,
      `the gradient of ${words}, input ${k} has ${got.length} numbers`,
    );
    const places = placesOf(inputs[k]!);
    for (let e = 0; e < exact.length; e++) {
      const bound: Bound = {
        exact: Float64Array.of(places[e] ? exact[e]! : 0),
        tolerance: Float64Array.of(places[e] ? (tolerance?.[e] ?? Infinity) : 0),
      };
      // Beyond the bound, or where none is known and numbers are finite.
      claim(
        !Number.isFinite(exact[e]!) || firstOutside([got[e]!], bound) < 0,
        () =>
          `the gradient of ${words}, input ${k}: number ${e} is ${got[e]}, and should be ${bound.exact[0]}, within ${bound.tolerance[0]}`,
      );
    }
  });
}

/** 1 at each place that a tensor stores. */
function placesOf(tensor: Tensor): Uint8Array {
  const places = new Uint8Array(sizeOf(tensor.shape)).fill(Number(isDense(tensor.format)));
  if (!isDense(tensor.format))
    for (const flat of flatIndex(tensor.pattern)) if (flat !== outside) places[flat] = 1;
  return places;
}

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
    const clear = sure || toDense(tensor).every((v, at) => Math.abs(v) > error![at]!);
    return clear ? new Float64Array(error!.length) : undefined;
  }
  if (movers.has(op)) {
    const errors = given.map((c) => c && plain(c.tensor.shape, c.error!));
    return op.spec.reference(errors, 'value' in attrs ? { ...attrs, value: 0 } : attrs);
  }
  if (sure) return boundOf(op, tensors, attrs, 'float32').tolerance;
  const grown = growth(op, attrs);
  if (!grown) return undefined;
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
  return tolerance.map((t, at) => t + 2 * Math.abs(most![at]! - least![at]!));
}

/** Gradients by the rule in double precision, with how far an engine's may be from them. */
function carried(
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
      ? makeTensor(t.pattern, 'float64', Float64Array.from(t.values))
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
