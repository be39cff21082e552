// The gradient of an op is a formula in other ops: given the gradient of its output, one for each input.
import type { Emit } from './emit.js';
import type { NodeId } from './graph.js';
import type { Shape } from './layout.js';
import type { Op } from './op.js';

/** What a gradient rule has to say its formula with. */
export interface GradientScope {
  readonly inputs: readonly (NodeId | undefined)[];
  readonly output: NodeId;
  /** The gradient of the output, of its shape. */
  readonly dy: NodeId;
  /** Whether the gradient of input k is asked for; rules may leave others undefined. */
  readonly wants: (k: number) => boolean;
  readonly shapeOf: (node: NodeId) => Shape;
  /** Applies an op; attributes that are not given have their defaults. What it makes may be sparse. */
  readonly apply: <A extends object>(
    op: Op<A>,
    inputs: readonly (NodeId | undefined)[],
    attrs?: Partial<A>,
    emit?: Emit,
  ) => NodeId;
  /** A dense constant of the type of dy, from row-major numbers. */
  readonly constant: (shape: Shape, numbers: ArrayLike<number>) => NodeId;
  /** A dense constant of one number, of the type of dy, which stretches to any shape. */
  readonly number: (value: number) => NodeId;
}

/** The rule of an op, or why mathematics has none. Written with methods, so that any op is an `Op`. */
export type Gradient<A extends object> = GradientFormula<A> | NoGradient;

/** The gradients of an op, said in other ops. */
export interface GradientFormula<A extends object> {
  /** A gradient for each input; undefined where it is not wanted, or where there is none. */
  rule(scope: GradientScope, attrs: A): readonly (NodeId | undefined)[];
  /** Why the rule gives nothing, where it does so on purpose and not for want of a slope. */
  readonly none?: string;
}

/** Why an op has no gradient. */
export interface NoGradient {
  readonly rule?: undefined;
  /** Why there is none, to follow "has no gradient: ". */
  readonly none: string;
}
