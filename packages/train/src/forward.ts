// The forward pass of a model as its rules want it: weights as the function sees them, values and gradients pruned
// where they have a name.
import { nearest, printFormat, sizeOf, SparseError, type Tensor } from '@lacuna/ir';
import { emit, emitGradient } from '@lacuna/engine';
import { multiply } from '@lacuna/ops';
import { named as inputsOf, type Inputs } from './inputs.js';
import type { Model, Parameters } from './model.js';
import { matches, unmatched } from './rules.js';
import { isFixed, sparsifierAt } from './sparsity.js';
import type { State } from './state.js';

/** Weights as `forward` sees them, from those that are stored: under a mask, or pruned anew. Traced. */
export function seenBy(
  { sparsity }: Model,
  { parameters, masks, frozen }: Pick<State, 'parameters' | 'masks' | 'frozen'>,
  step: number,
): Parameters {
  const seen: Record<string, Tensor> = { ...frozen, ...parameters };
  for (const [name, about] of Object.entries(sparsity?.weights ?? {})) {
    const [weight, mask] = [parameters[name]!, masks[name]];
    if (!isFixed(about)) seen[name] = emit(weight, { sparsify: sparsifierAt(about, step) });
    else if (mask) seen[name] = multiply(weight, mask);
  }
  return seen;
}

/** What a pass is told; what it penalises is put into `penalties`. */
export interface About {
  readonly training: boolean;
  readonly seed: Tensor;
  readonly step: Tensor;
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
  { training, seed, step, penalties = [] }: About,
): Tensor {
  const names = new Set<string>();
  const { values = [], gradients = [] } = model.sparsity ?? {};
  const named = (name: string, value: Tensor): Tensor => {
    names.add(name);
    let y = value;
    for (const { pattern, sparsifier, layout } of values)
      if (matches(pattern, name)) y = emit(y, { sparsify: sparsifier, ...(layout && { layout }) });
    if (training)
      for (const { pattern, sparsifier } of gradients)
        if (matches(pattern, name)) y = emitGradient(y, { sparsify: sparsifier });
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
  for (const { pattern } of values)
    if (!known.some((name) => matches(pattern, name)))
      throw unmatched('intermediates', pattern, known);
  const both = [...known, ...Object.keys(weights)];
  for (const { pattern } of gradients)
    if (training && !both.some((name) => matches(pattern, name)))
      throw unmatched('gradients', pattern, both);
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

/** Gradients of weights, pruned where a rule says so; each stays in its pattern. Traced. */
export function prunedGradients(
  { sparsity }: Model,
  names: readonly string[],
  gradients: readonly Tensor[],
): readonly Tensor[] {
  const rules = sparsity?.gradients ?? [];
  return gradients.map((gradient, k) => {
    const mine = rules.filter(({ pattern }) => matches(pattern, names[k]!));
    const into = printFormat(gradient.format) === 'dense' ? {} : { into: gradient.pattern };
    return mine.reduce((g, { sparsifier }) => emit(g, { sparsify: sparsifier, ...into }), gradient);
  });
}
