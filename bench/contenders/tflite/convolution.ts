// Convolutions of images, depthwise ones and those of 1 × 1 included. Padding is SAME where TFLite's is that of
// our op, and else an operator of its own, which XNNPACK takes into the convolution.
import type { Activation, Conv2dAttrs } from '@lacuna/lacuna';
import type { ModelWriter, TensorId } from './model.js';
import type { Value } from './network.js';
import { byte, int } from './tables.js';

const [same, valid] = [0, 1];

/** Activations that operators apply themselves, by name. */
export const activations: Readonly<Record<Activation, number>> = { none: 0, relu: 1, relu6: 3 };

/** A filter: [O, height, width, I], or [1, height, width, O] of a depthwise convolution. */
export interface Filter {
  readonly operator: 'conv2d' | 'depthwise';
  readonly tensor: TensorId;
  readonly size: readonly [height: number, width: number];
}

/** The filter of our [O, I / groups, height, width]. */
export function filterOf(
  model: ModelWriter,
  numbers: Float32Array,
  [o, i, height, width]: readonly [number, number, number, number],
  groups: number,
): Filter {
  const depthwise = groups > 1;
  if (depthwise && (groups !== o || i !== 1)) throw new Error(`a convolution of ${groups} groups`);
  // [O, I, taps] -> [O, taps, I], and [O, 1, taps] -> [taps, O].
  const taps = height * width;
  const turned = new Float32Array(numbers.length);
  const [outer, inner] = depthwise ? [1, o] : [o, i];
  for (let a = 0; a < outer; a++)
    for (let b = 0; b < inner; b++)
      for (let t = 0; t < taps; t++)
        turned[(a * taps + t) * inner + b] = numbers[(a * inner + b) * taps + t]!;
  const tensor = model.constant([outer, height, width, inner], turned);
  return { operator: depthwise ? 'depthwise' : 'conv2d', tensor, size: [height, width] };
}

/** An image convolved; `shape` is the result's. */
export function convolve(
  model: ModelWriter,
  x: Value,
  { operator, tensor, size }: Filter,
  bias: TensorId,
  { stride, padding, dilation, activation }: Omit<Conv2dAttrs, 'groups'>,
  shape: readonly number[],
): Value {
  if (dilation.some((d) => d !== 1)) throw new Error('a dilated convolution');
  const [top, left, bottom, right] = padding;
  const none = padding.every((p) => p === 0);
  const centred =
    stride.every((s) => s === 1) &&
    [top, bottom].every((p) => 2 * p + 1 === size[0]) &&
    [left, right].every((p) => 2 * p + 1 === size[1]);
  const image = none || centred ? x.tensor : padded(model, x, padding);
  const common = {
    0: byte(centred ? same : valid),
    1: int(stride[1]),
    2: int(stride[0]),
  };
  const act = byte(activations[activation]);
  const options =
    operator === 'depthwise' ? { ...common, 3: int(1), 4: act } : { ...common, 3: act };
  return { tensor: model.apply(operator, [image, tensor, bias], shape, options), shape };
}

function padded(model: ModelWriter, x: Value, padding: Conv2dAttrs['padding']): TensorId {
  const [top, left, bottom, right] = padding;
  const [n, height, width, channels] = x.shape as [number, number, number, number];
  const amounts = model.constant([4, 2], Int32Array.of(0, 0, top, bottom, left, right, 0, 0));
  const shape = [n, height + top + bottom, width + left + right, channels];
  return model.apply('pad', [x.tensor, amounts], shape);
}
