// The builder: a model and rules give a model that is sparse as the rules say. The model that was given stays
// what it was.
import {
  countOf,
  decodeValues,
  encodeValues,
  makeTensor,
  sizeOf,
  SparseError,
  toDense,
  type Auxiliary,
  type Tensor,
} from '@lacuna/ir';
import { layerWise } from '@lacuna/sparsifiers';
import type { Model } from './model.js';
import { aboutOf, caughtBy, readRule, type Rule, type WeightRule } from './rules.js';
import {
  explainSparsity,
  isFixed,
  pruneAt,
  type Sparsity,
  type SparseValue,
  type SparseWeight,
} from './sparsity.js';
import { sparsifierOf, type RuleNames, type Said } from './words.js';

/** What {@link sparsifyModel} may be told: names of one's own in rules, and what sparsifiers need. */
export interface SparsifyOptions extends RuleNames {
  /** What sparsifiers need beside a weight, by the weight's name: `{ 'layers.0.weight': { gradient } }`. */
  readonly auxiliary?: Readonly<Record<string, Readonly<Record<string, Tensor>>>>;
}

/** A model that rules made sparse. */
export interface SparseModel extends Model {
  readonly sparsity: Sparsity;
  /** One line a rule: what it does, and what it caught. */
  readonly explain: () => string;
}

/**
 * A model made sparse by rules. Weights are pruned now, and again where a schedule says so; values and gradients
 * in every pass.
 *
 * @throws SparseError `unsupported` for a rule that matches nothing (naming what is nearest), and for two rules
 * for one weight; whatever parsing and pruning throw.
 * @example
 * ```ts
 * import { mlp, sparsifyModel } from '@lacuna/train';
 * const model = sparsifyModel(mlp({ sizes: [64, 32, 32, 10], seed: 1 }), [
 *   { weights: 'layers.*.weight', sparsifier: 'magnitude(fraction=0.9)', layout: 'csr', across: 'erk' },
 *   { intermediates: 'hidden*', sparsifier: 'threshold(value=0.01)' },
 * ]);
 * model.parameters['layers.1.weight']!.format.layout.layoutName; // 'csr'
 * console.log(model.explain());
 * ```
 */
export function sparsifyModel<M extends Model>(
  model: M,
  rules: readonly Rule[],
  { auxiliary = {}, ...names }: SparsifyOptions = {},
): M & SparseModel {
  const weights: Record<string, SparseWeight> = { ...model.sparsity?.weights };
  const before = model.sparsity?.rules.length ?? 0;
  const values: SparseValue[] = [...(model.sparsity?.values ?? [])];
  const gradients: SparseValue[] = [...(model.sparsity?.gradients ?? [])];
  rules.forEach((rule, k) => {
    const at = before + k;
    const { kind, patterns } = aboutOf(rule);
    const said = readRule(rule, names);
    if ('weights' in rule) {
      const caught = caughtBy(rule, Object.keys(model.parameters));
      caught.forEach((name, place) => {
        if (weights[name])
          throw new SparseError('unsupported', `two rules are for the weight ${name}`, {
            hint: 'write patterns that do not meet',
            detail: { rules: [weights[name].rule, at] },
          });
        weights[name] = decided(rule, inTurn(said, rule, caught), [at, place]);
      });
      return;
    }
    const known = [
      ...(model.values ?? []),
      ...(kind === 'gradients' ? Object.keys(model.parameters) : []),
    ];
    const caught = model.values && caughtBy(rule, known);
    const value = { rule: at, patterns, ...inTurn(said, rule, caught), ...(caught && { caught }) };
    (kind === 'gradients' ? gradients : values).push(value);
  });
  const parameters: Record<string, Tensor> = { ...model.parameters };
  const masks: Record<string, Tensor> = { ...model.sparsity?.masks };
  for (let at = before; at < before + rules.length; at++) {
    const names = Object.keys(weights).filter(
      (name) => weights[name]!.rule === at && isFixed(weights[name]!),
    );
    const pruned = pruneAt(
      0,
      names.map((name) => ({
        name,
        about: weights[name]!,
        weight: parameters[name]!,
        ...(auxiliary[name] && { auxiliary: numbersOf(auxiliary[name]) }),
      })),
    );
    const rule = rules[at - before]!;
    const rescale = 'weights' in rule && rule.rescale === true;
    pruned.forEach(({ weight, mask }, k) => {
      parameters[names[k]!] = rescale ? rescaled(weight, mask) : weight;
      if (mask) masks[names[k]!] = mask;
    });
  }
  const sparsity: Sparsity = {
    rules: [...(model.sparsity?.rules ?? []), ...rules],
    weights,
    values,
    gradients,
    masks,
  };
  return { ...model, parameters, sparsity, explain: () => explainSparsity(sparsity) };
}

function decided(
  rule: WeightRule,
  said: Said,
  [at, place]: readonly [rule: number, place: number],
): SparseWeight {
  const masked = (sparsifierOf(said.emit).backward ?? 'masked') === 'masked';
  return {
    ...said,
    rule: at,
    place,
    mask: rule.mask ?? (masked ? 'fixed' : 'each-step'),
    ...(rule.across && { across: rule.across }),
  };
}

/** What was said, its schedule spread over what the rule caught where there is a delay. */
function inTurn(said: Said, { delay }: Rule, caught: readonly string[] | undefined): Said {
  const { schedule } = said;
  if (!schedule || delay === undefined) return said;
  if (caught) return { ...said, schedule: layerWise(schedule, { delay, places: caught.length }) };
  throw new SparseError('unsupported', 'a rule has a delay, and what it catches is not known yet', {
    hint: "write the names that forward gives into the model's values: ['hidden0', …]",
  });
}

/** What stays, times 1/√(its share). */
function rescaled({ pattern, dtype, values, shape }: Tensor, mask?: Tensor): Tensor {
  const stays = mask ? toDense(mask).filter((m) => m !== 0).length : countOf(pattern);
  const factor = stays === 0 ? 1 : Math.sqrt(sizeOf(shape) / stays);
  const numbers = Float64Array.from(decodeValues(dtype, values), (x) => x * factor);
  return makeTensor(pattern, dtype, encodeValues(dtype, numbers));
}

const numbersOf = (tensors: Readonly<Record<string, Tensor>>): Auxiliary =>
  Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, toDense(t)]));

/**
 * The model with each weight that was pruned anew in each step pruned for good, in its rule's layout: what is
 * deployed.
 */
export function packed<M extends Model>(model: M): M {
  const { sparsity } = model;
  if (!sparsity) return model;
  const parameters: Record<string, Tensor> = { ...model.parameters };
  const weights: Record<string, SparseWeight> = { ...sparsity.weights };
  const masks: Record<string, Tensor> = { ...sparsity.masks };
  for (const [name, about] of Object.entries(weights)) {
    if (isFixed(about)) continue;
    const [pruned] = pruneAt(about.schedule?.end ?? 0, [
      { name, about, weight: parameters[name]! },
    ]);
    parameters[name] = pruned!.weight;
    weights[name] = { ...about, mask: 'fixed' };
    if (pruned!.mask) masks[name] = pruned!.mask;
  }
  return { ...model, parameters, sparsity: { ...sparsity, weights, masks } };
}
