// What a model is given: one tensor, or several by name.
import { Tensor } from '@lacuna/ir';

/** The inputs of a model: a tensor, or tensors by name. */
export type Inputs = Tensor | Readonly<Record<string, Tensor>>;

/** Inputs by name; one that has none is called `inputs`. */
export const named = (inputs: Inputs): Readonly<Record<string, Tensor>> =>
  inputs instanceof Tensor ? { inputs } : inputs;

/** The inputs with each tensor made into another. */
export const each = (inputs: Inputs, to: (tensor: Tensor) => Tensor): Inputs =>
  inputs instanceof Tensor
    ? to(inputs)
    : Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, to(t)]));
