// A model is a plain function with named parameters. What a rule may later call by name has a name: parameters
// by their keys, values of the forward pass by `pass.named`.
import type { Tensor } from '@lacuna/ir';
import type { Sparsity } from './sparsity.js';

/** Tensors by name: `layers.0.weight`. */
export type Parameters = Readonly<Record<string, Tensor>>;

/** What a forward pass is told beside weights and inputs. */
export interface Pass {
  /** Gives a value a name, by which rules find it; returns what is to be used in its place. */
  readonly named: (name: string, value: Tensor) => Tensor;
  /** Whether gradients will be taken: dropout acts then only. */
  readonly training: boolean;
  /** A number that differs from step to step, for dropout. */
  readonly seed: Tensor;
  /** Steps taken before this one, one number; very large where a model is deployed. */
  readonly step: Tensor;
  /** All inputs by name; a single one is called `inputs`. A name that is none is refused. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** Adds one number to the loss that is trained on: a penalty on weights or values. */
  readonly penalise: (penalty: Tensor) => void;
}

/**
 * A model: its parameters, on the host and in any layout, and the function that they are parameters of. The
 * function is traced; it calls ops on tensors and nothing else. Of several inputs it is given the first, and finds all
 * by name in `pass.inputs`.
 *
 * @example
 * ```ts
 * import { linear, relu } from '@lacuna/ops';
 * import { constant, he, type Model } from '@lacuna/train';
 * const about = { seed: 1, name: 'in' };
 * const model: Model = {
 *   parameters: { 'in.weight': he([8, 4], about), 'in.bias': constant([8]) },
 *   forward: (w, x, pass) => pass.named('hidden', relu(linear(x, w['in.weight'], w['in.bias']))),
 * };
 * Object.keys(model.parameters); // [ 'in.weight', 'in.bias' ]
 * ```
 */
export interface Model {
  readonly parameters: Parameters;
  readonly forward: (weights: Parameters, inputs: Tensor, pass: Pass) => Tensor;
  /** Tensors that `forward` sees among its weights, and nothing trains. */
  readonly frozen?: Parameters;
  /** Names that `forward` gives to values, where they are known beforehand: rules are checked against them. */
  readonly values?: readonly string[];
  /** What rules decided: see `sparsifyModel`. */
  readonly sparsity?: Sparsity;
}

/** The same model with other parameters. */
export function withParameters<M extends Model>(model: M, parameters: Parameters): M {
  return { ...model, parameters: { ...model.parameters, ...parameters } };
}
