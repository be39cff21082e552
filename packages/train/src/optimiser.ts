// An optimiser is a formula: from a parameter, its gradient and its moments to what they become. It is traced into
// the step's plan. Moments share the parameter's pattern, so that each formula runs on stored values alone,
// whatever the layout; entries that are not stored have neither value nor moment.
import { emitting, isDense, type Op, type Tensor } from '@lacuna/ir';

/** One parameter in the middle of a step. */
export interface Update {
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  readonly moments: Readonly<Record<string, Tensor>>;
  /** The learning rate, one number. */
  readonly rate: Tensor;
  /** The optimiser's `numbers` of this step. */
  readonly numbers: Readonly<Record<string, Tensor>>;
}

/** What a parameter and its moments become. */
export interface Updated {
  readonly parameter: Tensor;
  readonly moments: Readonly<Record<string, Tensor>>;
}

/** An optimiser as a value. */
export interface Optimiser {
  /** Names of what is kept for each parameter; each begins at zero. */
  readonly moments: readonly string[];
  /** Numbers that differ from step to step, the first step being 0; their names stay the same. */
  readonly numbers: (step: number) => Readonly<Record<string, number>>;
  readonly update: (of: Update) => Updated;
  /** `sgd(momentum=0.9)` */
  readonly print: () => string;
}

/** Elementwise ops on the stored values of tensors with one pattern. */
export type OnStored = <A extends object>(
  op: Op<A>,
  inputs: readonly Tensor[],
  attrs?: Partial<A>,
) => Tensor;

/** How formulas compute on tensors stored as `like` is. */
export function onStored(like: Tensor): OnStored {
  const { pattern } = like;
  if (isDense(pattern.format))
    return (op, inputs, attrs) => (attrs ? op(...inputs, attrs) : op(...inputs));
  return (op, inputs, attrs) => emitting({ into: pattern }, op, inputs, attrs);
}
