// Pools: what a window of pixels comes to, where padding is no pixels. The rule that both pools share.
import { toDense, type Shape, type Tensor } from '@lacuna/ir';
import { checkRank, checkWhole, refuse, show } from '../shapes.js';
import { slide, type Padding, type Pair } from '../products/window.js';

/** Attributes of pools. */
export interface PoolAttrs {
  readonly size: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
}

/** Whole images in windows of one pixel. */
export const poolDefaults: PoolAttrs = { size: [1, 1], stride: [1, 1], padding: [0, 0, 0, 0] };

/** `[B, C, H', W']` for images `[B, C, H, W]`. */
export function poolShape(op: string, x: Shape, { size, stride, padding }: PoolAttrs): Shape {
  checkRank(op, 'x', x, ['B', 'C', 'H', 'W']);
  checkWhole(op, 'size', size, ['height', 'width'], 1);
  checkWhole(op, 'stride', stride, ['height', 'width'], 1);
  checkWhole(op, 'padding', padding, ['top', 'left', 'bottom', 'right'], 0);
  if (padding.some((p, side) => p >= size[side % 2]!) || x[2] === 0 || x[3] === 0)
    refuse(
      op,
      `images ${show(x)} and a window ${show(size)} with padding ${show(padding)}`,
      'write a padding less than the window, so that each window has a pixel',
    );
  return [x[0]!, x[1]!, ...slide(op, x, { size, stride, padding, dilation: [1, 1] })];
}

/** Folds the pixels of each window: `fold` goes over them, `finish` sees how many there were. */
export function pool(
  op: string,
  x: Tensor,
  { size, stride, padding }: PoolAttrs,
  start: number,
  fold: (sum: number, pixel: number) => number,
  finish: (sum: number, count: number) => number,
): Float64Array {
  const [batch, channels, rows, columns] = poolShape(op, x.shape, { size, stride, padding });
  const [height, width] = [x.shape[2]!, x.shape[3]!];
  const numbers = toDense(x);
  const out = new Float64Array(batch! * channels! * rows! * columns!);
  for (let at = 0; at < out.length; at++) {
    const plane = Math.floor(at / (rows! * columns!)) * height * width;
    const top = (Math.floor(at / columns!) % rows!) * stride[0] - padding[0];
    const left = (at % columns!) * stride[1] - padding[1];
    let [sum, count] = [start, 0];
    for (let i = Math.max(0, top); i < Math.min(height, top + size[0]); i++) {
      for (let j = Math.max(0, left); j < Math.min(width, left + size[1]); j++) {
        sum = fold(sum, numbers[plane + i * width + j]!);
        count++;
      }
    }
    out[at] = finish(sum, count);
  }
  return out;
}
