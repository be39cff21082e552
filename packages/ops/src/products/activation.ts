// Activations that linear, matmul and conv2d may end with. Each is 1-Lipschitz, so that it never enlarges
// an error, and NaN travels through each.
import { SparseError, nearest } from '@lacuna/ir';

/** What is done to each output: nothing, max(x, 0), or min(max(x, 0), 6). */
export type Activation = 'none' | 'relu' | 'relu6';

const functions: Readonly<Record<Activation, (x: number) => number>> = {
  none: (x) => x,
  relu: (x) => Math.max(x, 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
};

/** Every {@link Activation}. */
export const activations = Object.keys(functions) as readonly Activation[];

/** Applies an activation to each number in place, and gives the numbers back. */
export function activate(numbers: Float64Array, activation: Activation): Float64Array {
  if (activation === 'none') return numbers;
  const f = functions[activation];
  for (let at = 0; at < numbers.length; at++) numbers[at] = f(numbers[at]!);
  return numbers;
}

/**
 * Refuses an activation that is none of ours.
 *
 * @throws SparseError `unsupported`, with the nearest.
 */
export function checkActivation(op: string, activation: string): void {
  if (Object.hasOwn(functions, activation)) return;
  throw new SparseError('unsupported', `${op} was given the activation "${activation}"`, {
    hint: `write "${nearest(activation, activations)}", or apply it as an op of its own`,
  });
}
