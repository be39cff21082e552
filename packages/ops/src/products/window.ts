// Windows that slide over images: how many fit, and which pixels each covers. Shared by conv2d and pools.
import type { Shape } from '@lacuna/ir';
import { refuse, show } from '../shapes.js';

/** Height and width. */
export type Pair = readonly [number, number];
/** Top, left, bottom, right. */
export type Padding = readonly [number, number, number, number];

/** How a window slides. */
export interface Slide {
  readonly size: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
  readonly dilation: Pair;
}

/**
 * Height and width of the output for images `[B, C, H, W]`:
 * floor((extent + before + after − dilation·(size − 1) − 1) / stride) + 1
 *
 * @throws SparseError `shape` where no window fits.
 */
export function slide(op: string, image: Shape, { size, stride, padding, dilation }: Slide): Pair {
  const along = (side: 0 | 1): number => {
    const padded = image[2 + side]! + padding[side] + padding[(2 + side) as 2 | 3];
    const reach = dilation[side] * (size[side] - 1) + 1;
    if (padded < reach)
      refuse(
        op,
        `images ${show(image)} and a window ${show(size)} with padding ${show(padding)} and dilation ${show(dilation)}`,
        `pad the ${side === 0 ? 'height' : 'width'} by ${reach - padded} more, or take a smaller window`,
      );
    return Math.floor((padded - reach) / stride[side]) + 1;
  };
  return [along(0), along(1)];
}

/** Rows and columns of padded images that lie past the last of the windows of `output`. */
export function rest(
  image: Shape,
  output: Shape,
  { size, stride, padding, dilation }: Slide,
): Pair {
  const along = (side: 0 | 1): number =>
    image[2 + side]! +
    padding[side] +
    padding[(2 + side) as 2 | 3] -
    dilation[side] * (size[side] - 1) -
    1 -
    (output[2 + side]! - 1) * stride[side];
  return [along(0), along(1)];
}
