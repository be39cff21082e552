// What gradients of products share: the gradient before a fused activation.
import type { GradientScope, NodeId } from '@lacuna/ir';
import type { Activation } from './activation.js';
import { multiply } from './multiply.js';
import { scale } from './scale.js';
import { sign } from './sign.js';
import { add } from './add.js';

/** dy where the activation passes, 0 where it holds the output at a bound: f′ from the output itself. */
export function beforeActivation(
  { apply, dy, output, number }: GradientScope,
  activation: Activation,
): NodeId {
  if (activation === 'none') return dy;
  const aboveZero = apply(multiply, [dy, apply(sign, [output])]);
  if (activation === 'relu') return aboveZero;
  const belowSix = apply(sign, [apply(add, [number(6), apply(scale, [output], { factor: -1 })])]);
  return apply(multiply, [aboveZero, belowSix]);
}
