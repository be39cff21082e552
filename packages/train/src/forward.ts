// The forward pass of a model as its rules want it: weights as the function sees them, values and gradients pruned
// where they have a name.
import { isDense, nearest, sizeOf, SparseError, type Emit, type Tensor } from '@lacuna/ir';
import { emit, emitGradient } from '@lacuna/engine';
import { multiply } from '@lacuna/ops';
import { named as inputsOf, type Inputs } from './inputs.js';
import type { Model, Parameters } from './model.js';
import { matches, refuseUnmatched } from './rules.js';
import { isFixed, type SparseValue } from './sparsity.js';
import type { State } from './state.js';
import { emitAt } from './words.js';

/** Weights as `forward` sees them, from those that are stored: under a mask, or pruned anew. Traced. */
export function seenBy(
  { sparsity }: Model,
  { parameters, masks, frozen }: Pick<State, 'parameters' | 'masks' | 'frozen'>,
  step: number,
): Parameters {
  const seen: Record<string, Tensor> = { ...frozen, ...parameters };
  for (const [name, about] of Object.entries(sparsity?.weights ?? {})) {
    const [weight, mask] = [parameters[name]!, masks[name]];
    if (!isFixed(about)) {
      const { layout: _, ...words } = emitAt(about, step, about.place);
      seen[name] = emit(weight, words);
    } else if (mask) seen[name] = multiply(weight, mask);
  }
  return seen;
}

/** What a pass is told; what it penalises is put into `penalties`. */
export interface About {
  readonly training: boolean;
  readonly seed: Tensor;
  readonly step: Tensor;
  /** The step that schedules go by, which a plan is made for. */
  readonly at: number;
  readonly penalties?: Tensor[];
}

/**
 * The output of a model. Traced.
 *
 * @throws SparseError `unsupported` where a rule is for a value that the pass does not name; `shape` for no inputs,
 * and for a penalty that is not one number.
 */
export function forward(
  model: Model,
  weights: Parameters,
  inputs: Inputs,
  { training, seed, step, at, penalties = [] }: About,
): Tensor {
  const names = new Set<string>();
  const { values = [], gradients = [] } = model.sparsity ?? {};
  const named = (name: string, value: Tensor): Tensor => {
    names.add(name);
    let y = value;
    for (const words of saidOf(values, name, at)) y = emit(y, words);
    if (training) for (const words of saidOf(gradients, name, at)) y = emitGradient(y, words);
    return y;
  };
  const all = inputsOf(inputs);
  const [first] = Object.values(all);
  if (!first)
    throw new SparseError('shape', 'a model was given no inputs', {
      hint: 'give a tensor, or tensors by name',
    });
  const output = model.forward(checkedNames('parameter', weights), first, {
    named,
    training,
    seed,
    step,
    inputs: checkedNames('input', all),
    penalise(penalty) {
      if (sizeOf(penalty.shape) !== 1)
        throw new SparseError('shape', `a penalty is [${penalty.shape.join(', ')}]`, {
          hint: 'write one number, such as a sum over all axes',
        });
      if (training) penalties.push(penalty);
    },
  });
  const known = [...names];
  for (const { patterns } of values) refuseUnmatched('intermediates', patterns, known);
  const both = [...known, ...Object.keys(weights)];
  if (training) for (const { patterns } of gradients) refuseUnmatched('gradients', patterns, both);
  return output;
}

/** Tensors of which a name that is none is refused, since ops take what is missing for left out. */
function checkedNames(what: string, tensors: Parameters): Parameters {
  return new Proxy(tensors, {
    get(target, name: string) {
      if (typeof name !== 'string' || Object.hasOwn(target, name)) return Reflect.get(target, name);
      const near = nearest(name, Object.keys(target));
      throw new SparseError('unsupported', `the model has no ${what} "${name}"`, {
        ...(near !== undefined && { hint: `the nearest is "${near}"` }),
      });
    },
  });
}

/** The words of the rules that catch a name, at a step. */
const saidOf = (rules: readonly SparseValue[], name: string, step: number): readonly Emit[] =>
  rules
    .filter(({ patterns }) => matches(patterns, name))
    .map((rule) => emitAt(rule, step, Math.max(0, rule.caught?.indexOf(name) ?? 0)));

/** Gradients of weights, pruned where a rule says so; each stays in its pattern. Traced. */
export function prunedGradients(
  { sparsity }: Model,
  names: readonly string[],
  gradients: readonly Tensor[],
  step: number,
): readonly Tensor[] {
  return gradients.map((gradient, k) => {
    const into = isDense(gradient.format) ? {} : { into: gradient.pattern };
    return saidOf(sparsity?.gradients ?? [], names[k]!, step).reduce(
      (g, words) => emit(g, { ...words, ...into }),
      gradient,
    );
  });
}
