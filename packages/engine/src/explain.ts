// What one call would run as, in a line.
import type { Op, Tensor } from '@lacuna/ir';
import { oneNode, type Eager } from './eager.js';
import { label } from './passes/choose.js';

const micro = (seconds: number): string => `${(seconds * 1e6).toFixed(1)} µs`;

/** Kernel, cost, runner-up and conversions of an op for inputs like these. */
export function explainCall(
  eager: Eager,
  op: Op,
  inputs: readonly (Tensor | undefined)[],
  attrs: object,
): string {
  const { shape } = oneNode(op, inputs, attrs);
  const { choice } = eager.callFor(op, inputs, attrs);
  const { runnerUp, why } = choice;
  const second = runnerUp ? `; next: ${runnerUp.name}, ${micro(runnerUp.seconds)}` : '';
  const hops = choice.inputs.map((type, k) =>
    type && type.format.layout !== inputs[k]!.format.layout
      ? `; input ${k} becomes ${type.format.layout.layoutName}, since no kernel takes it as it is`
      : '',
  );
  return `${op.opName} -> [${shape.join(', ')}]: ${label(choice)}, ${micro(choice.seconds)}${second}${hops.join('')}${why ? `; ${why}` : ''}`;
}
