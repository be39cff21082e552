// One step of training, and the gradients of weights, as functions to trace: from a batch to what is assigned.
import { assemble, dense, isDense, type Tensor } from '@lacuna/ir';
import { assign, gradients, guard } from '@lacuna/engine';
import { add, densify } from '@lacuna/ops';
import { clipped } from './clip.js';
import { forward, prunedGradients, seenBy } from './forward.js';
import type { Inputs } from './inputs.js';
import type { Model, Parameters } from './model.js';
import type { Optimiser } from './optimiser.js';
import type { State } from './state.js';

/** One number from a model's output and what was wanted. Traced. */
export type Loss = (output: Tensor, target: Tensor) => Tensor;

/** What is trained, from which step on, and how. */
export interface Stepping {
  readonly model: Model;
  readonly state: State;
  readonly step: number;
  readonly loss: Loss;
}

/** Numbers that differ from step to step: `rate`, `seed`, `step` and the optimiser's. */
export type Numbers = Readonly<Record<string, Tensor>>;

/** The loss of a batch, penalties of the pass included. Traced. */
function lossOf(
  { model, loss, step: at }: Stepping,
  weights: Parameters,
  [inputs, targets]: readonly [Inputs, Tensor],
  numbers: Numbers,
): Tensor {
  const penalties: Tensor[] = [];
  const about = { training: true, seed: numbers['seed']!, step: numbers['step']!, at, penalties };
  return penalties.reduce(
    (sum, p) => add(sum, p),
    loss(forward(model, weights, inputs, about), targets),
  );
}

/** One step: assigns parameters and moments, unless the loss or the gradients' norm is not finite. */
export function stepOf(
  of: Stepping,
  { optimiser, clip }: { readonly optimiser: Optimiser; readonly clip?: number },
) {
  const { model, state, step } = of;
  const { parameters, moments } = state;
  const names = Object.keys(parameters);
  return (inputs: Inputs, targets: Tensor, numbers: Numbers): Tensor => {
    const loss = lossOf(of, seenBy(model, state, step), [inputs, targets], numbers);
    guard(loss);
    let all = gradients(
      loss,
      names.map((name) => parameters[name]!),
    );
    all = prunedGradients(model, names, all, step);
    if (clip !== undefined) {
      const limited = clipped(all, assemble(dense, [], [clip]));
      all = limited.gradients;
      guard(limited.norm);
    }
    names.forEach((name, k) => {
      const [parameter, mine] = [parameters[name]!, moments[name]!];
      const updated = optimiser.update({
        parameter,
        gradient: all[k]!,
        moments: mine,
        rate: numbers['rate']!,
        numbers,
      });
      assign(parameter, updated.parameter);
      for (const [kind, moment] of Object.entries(updated.moments)) assign(mine[kind]!, moment);
    });
    return loss;
  };
}

/** Dense gradients of weights, whatever is stored of them. */
export function slopesOf(of: Stepping, names: readonly string[]) {
  return (inputs: Inputs, targets: Tensor, numbers: Numbers): readonly Tensor[] => {
    const weights = { ...seenBy(of.model, of.state, of.step) };
    for (const name of names)
      if (!isDense(weights[name]!.format)) weights[name] = densify(weights[name]);
    return gradients(
      lossOf(of, weights, [inputs, targets], numbers),
      names.map((name) => weights[name]!),
    );
  };
}
