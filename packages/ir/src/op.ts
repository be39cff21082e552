// An op is what is computed, apart from how: a shape rule, a reference in double precision, and a count
// of roundings from which tolerances are computed. It is called like a function on tensors.
import type { DType } from './dtype.js';
import type { Emit } from './emit.js';
import type { Epilogue } from './epilogue.js';
import { nearest, SparseError } from './error.js';
import type { Shape } from './layout.js';
import type { Gradient } from './gradient.js';
import { stamp, type Stamp } from './stamp.js';
import { host, type Composed, type Home, type Tensor } from './tensor.js';

/**
 * What `op({...})` is given. `A` is the type of its attributes: plain data. The functions are written as
 * methods, so that an op of any attributes is an `Op`.
 */
export interface OpSpec<A extends object = object> {
  readonly name: string;
  /** Least and most inputs. */
  readonly arity: readonly [number, number];
  /** Attributes that are not given. */
  readonly defaults: A;
  /**
   * The output's shape.
   *
   * @throws SparseError `shape` where the inputs do not fit.
   */
  infer(shapes: readonly (Shape | undefined)[], attrs: A): Shape;
  /** Row-major numbers of the output, accumulated in double precision, from inputs on the host in any layout. */
  reference(inputs: readonly (Tensor | undefined)[], attrs: A): Float64Array;
  /** The most roundings that an output goes through, for the bound γ(k) = ku / (1 − ku). */
  roundings(shapes: readonly (Shape | undefined)[], attrs: A): number;
  /** Attributes under which the op is the sum of absolute products that the bound multiplies (no activation). */
  linearAttrs?(attrs: A): A;
  /**
   * What the bound multiplies instead of the op of absolute inputs, where errors grow in another way: by the
   * spread of a row, or by the size of an exponent.
   */
  magnitudes?(inputs: readonly (Tensor | undefined)[], attrs: A): Float64Array;
  /** Each output element depends on the same element of each input, and no other. */
  readonly pointwise?: boolean;
  /** The output is the first input's numbers in the same order, so that nothing need be computed. */
  view?(shapes: readonly (Shape | undefined)[], attrs: A): boolean;
  /** The gradient of each input from that of the output, as a formula in ops. */
  readonly gradient: Gradient<A>;
  /** A zero in the first input gives a zero in the output. */
  readonly zeroToZero?: boolean;
  /** Computes on the stored entries of the first input, and its output has that input's pattern. */
  readonly keepsPattern?: boolean;
  /** The input whose type the output has; default the first. */
  readonly typeOf?: number;
  /** What it is made of, where it is an op and an {@link Epilogue}. */
  readonly ends?: { readonly first: Op; readonly last: Epilogue };
}

/** An op: callable on tensors; attributes come last. */
export interface Op<A extends object = object> {
  (...inputs: readonly (Tensor | Composed | Partial<A> | undefined)[]): Tensor;
  readonly opName: string;
  /** The copy of this package that made it. */
  readonly ir: Stamp;
  readonly spec: OpSpec<A>;
}

/**
 * Defines an op.
 *
 * @example
 * ```ts
 * import { op, toDense, type Op } from '@lacuna/ir';
 * const halve: Op = op({
 *   name: 'halve', arity: [1, 1], defaults: {},
 *   infer: ([x]) => x!,
 *   reference: ([x]) => Float64Array.from(toDense(x!), (v) => v / 2),
 *   roundings: () => 1, pointwise: true, zeroToZero: true,
 *   gradient: { rule: ({ apply, dy }) => [apply(halve, [dy])] },
 * });
 * halve.opName; // 'halve'
 * ```
 */
export function op<A extends object>(spec: OpSpec<A>): Op<A> {
  const call = (...given: readonly (Tensor | Composed | Partial<A> | undefined)[]): Tensor => {
    const last = given.at(-1);
    const hasAttrs = last !== undefined && !isOperand(last);
    const inputs = withoutTail((hasAttrs ? given.slice(0, -1) : given) as (Tensor | undefined)[]);
    // Without attributes the defaults themselves go on, so that caches know them by identity.
    const attrs = hasAttrs ? { ...spec.defaults, ...known(spec, last) } : spec.defaults;
    return homeOf(inputs).apply(made, inputs, attrs);
  };
  const made: Op<A> = Object.freeze(
    Object.assign(call, { opName: spec.name, ir: stamp, spec: Object.freeze(spec) }),
  );
  return made;
}

/**
 * Applies an op whose output is stored as `emit` says: a product into a pattern is a sampled one.
 *
 * @throws SparseError `home` where no input belongs to an engine.
 */
export function emitting<A extends object>(
  emit: Emit | undefined,
  op: Op<A>,
  inputs: readonly (Tensor | undefined)[],
  attrs: Partial<A> = {},
): Tensor {
  return homeOf(inputs).apply(op, inputs, { ...op.spec.defaults, ...attrs }, emit);
}

/** Inputs up to the last that is there: what is left out at the end need not be said, and may be. */
function withoutTail(inputs: readonly (Tensor | undefined)[]): readonly (Tensor | undefined)[] {
  let count = inputs.length;
  while (count > 0 && inputs[count - 1] === undefined) count--;
  return count === inputs.length ? inputs : inputs.slice(0, count);
}

/** The attributes given, none of which the op does not have. */
function known<A extends object>({ name, defaults }: OpSpec<A>, given: Partial<A>): Partial<A> {
  for (const attribute of Object.keys(given)) {
    if (attribute in defaults) continue;
    const names = Object.keys(defaults);
    throw new SparseError('unsupported', `${name} has no attribute "${attribute}"`, {
      hint: names.length === 0 ? 'it takes none' : `did you mean ${nearest(attribute, names)}?`,
      detail: { attributes: names },
    });
  }
  return given;
}

/** The home that runs an op: one that composes, or one that traces, else the first that is not the host. */
function homeOf(inputs: readonly (Tensor | undefined)[]): Home {
  for (const tensor of inputs) if (tensor?.home.composing) return tensor.home;
  let found = host;
  for (const tensor of inputs) {
    const home = tensor?.home ?? host;
    if (home.tracing) return home;
    if (found === host) found = home;
  }
  return found;
}

function isOperand(x: object): x is Tensor | Composed {
  return 'home' in x;
}

/**
 * The output shape of an op, after checking how many inputs it got.
 *
 * @throws SparseError `shape`.
 */
export function inferShape(op: Op, shapes: readonly (Shape | undefined)[], attrs: object): Shape {
  const [least, most] = op.spec.arity;
  const given = shapes.length;
  if (given < least || given > most || shapes.slice(0, least).includes(undefined)) {
    const wanted =
      least === most ? `${least}` : `${least} to ${most === Infinity ? 'any number of' : most}`;
    throw new SparseError(
      'shape',
      `${op.opName} takes ${wanted} inputs, and was given ${shapes.filter(Boolean).length}`,
    );
  }
  return op.spec.infer(shapes, attrs);
}

/** The type that an op's output has: that of its first input or the one it names, 16-bit floats widened to float32. */
export function outputType(dtypes: readonly (DType | undefined)[], { spec }: Op): DType {
  const first = dtypes[spec.typeOf ?? 0] ?? 'float32';
  return first === 'float16' || first === 'bfloat16' ? 'float32' : first;
}
