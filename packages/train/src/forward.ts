// The forward pass of a model as its rules want it: weights as the function sees them, values and gradients pruned
// where they have a name.
import { printFormat, type Tensor } from '@lacuna/ir';
import { emit, emitGradient } from '@lacuna/engine';
import { multiply } from '@lacuna/ops';
import type { Model, Parameters } from './model.js';
import { matches, unmatched } from './rules.js';
import { isFixed, sparsifierAt } from './sparsity.js';

/** Weights as `forward` sees them, from those that are stored: under a mask, or pruned anew. Traced. */
export function seenBy(
  { sparsity }: Model,
  stored: Parameters,
  masks: Parameters,
  step: number,
): Parameters {
  const seen: Record<string, Tensor> = { ...stored };
  for (const [name, about] of Object.entries(sparsity?.weights ?? {})) {
    const [weight, mask] = [stored[name]!, masks[name]];
    if (!isFixed(about)) seen[name] = emit(weight, { sparsify: sparsifierAt(about, step) });
    else if (mask) seen[name] = multiply(weight, mask);
  }
  return seen;
}

/**
 * The output of a model. Traced.
 *
 * @throws SparseError `unsupported` where a rule is for a value that the pass does not name.
 */
export function forward(
  model: Model,
  weights: Parameters,
  inputs: Tensor,
  { training, seed }: { readonly training: boolean; readonly seed: Tensor },
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
  const output = model.forward(weights, inputs, { named, training, seed });
  const known = [...names];
  for (const { pattern } of values)
    if (!known.some((name) => matches(pattern, name)))
      throw unmatched('intermediates', pattern, known);
  const all = [...known, ...Object.keys(weights)];
  for (const { pattern } of gradients)
    if (training && !all.some((name) => matches(pattern, name)))
      throw unmatched('gradients', pattern, all);
  return output;
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
