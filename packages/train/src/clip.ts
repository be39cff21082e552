// Gradient clipping: all gradients times min(1, c/‖g‖), where the norm is of all of them together.
import type { Tensor } from '@lacuna/ir';
import { add, divide, maximum, multiply, sqrt, sum } from '@lacuna/ops';
import { onStored } from './optimiser.js';

/** The norm of all gradients together, one number. Traced. */
export function normOf(gradients: readonly Tensor[]): Tensor {
  const squares = gradients.map((g) => {
    const square = onStored(g)(multiply, [g, g]);
    return sum(square);
  });
  return sqrt(squares.reduce((a, b) => add(a, b)));
}

/** Gradients scaled so that their norm is at most `limit`; and what it was. Traced. */
export function clipped(
  gradients: readonly Tensor[],
  limit: Tensor,
): { readonly gradients: readonly Tensor[]; readonly norm: Tensor } {
  const norm = normOf(gradients);
  const factor = divide(limit, maximum(norm, limit));
  return { norm, gradients: gradients.map((g) => onStored(g)(multiply, [g, factor])) };
}
