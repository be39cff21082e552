// What gradients share: the gradient before a fused activation, and where numbers are equal or positive.
import type { GradientScope, NodeId, Shape } from '@lacuna/ir';
import type { Activation } from './activation.js';
import { absolute } from '../pointwise/absolute.js';
import { multiply } from '../pointwise/multiply.js';
import { scale } from '../pointwise/scale.js';
import { sign } from '../pointwise/sign.js';
import { add } from '../pointwise/add.js';
import { relu } from '../pointwise/relu.js';
import { slice } from '../moves/slice.js';
import { subtract } from '../pointwise/subtract.js';

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

/** 1 where two values are equal, 0 elsewhere. */
export function equal({ apply, number }: GradientScope, a: NodeId, b: NodeId): NodeId {
  const apart = apply(absolute, [apply(sign, [apply(subtract, [a, b])])]);
  return apply(subtract, [number(1), apart]);
}

/** 1 where the first input is positive, `left` where it is not: the slope of a leaky relu. */
export function slopeOf({ apply, inputs, number }: GradientScope, left: NodeId): NodeId {
  const positive = apply(relu, [apply(sign, [inputs[0]])]);
  const more = apply(multiply, [positive, apply(subtract, [number(1), left])]);
  return apply(add, [more, left]);
}

/** A convolution without the windows that only padding of an output had room for. */
export function within({ apply, shapeOf }: GradientScope, id: NodeId, shape: Shape): NodeId {
  if (shapeOf(id).join() === shape.join()) return id;
  return apply(slice, [id], { begin: shape.map(() => 0), size: [...shape] });
}
