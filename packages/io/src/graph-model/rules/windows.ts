// Windows over images in the file's words: strides, dilations and padding to our numbers. SAME is
//
//   out = ⌈in / stride⌉,  total = max((out − 1)·stride + dilation·(size − 1) + 1 − in, 0),  before = ⌊total / 2⌋
import type { Padding, Pair } from '@lacuna/ops';
import { ints, string } from '../attributes.js';
import { unsupported } from '../importer.js';
import type { ModelNode } from '../model.js';

/** What of a node about windows we lack. */
export function lacksWindow(node: ModelNode): string | undefined {
  const order = string(node, 'data_format', 'NHWC');
  if (order !== 'NHWC') return `data_format ${order}`;
  const padding = string(node, 'padding', 'VALID');
  if (!['SAME', 'VALID', 'EXPLICIT'].includes(padding)) return `padding ${padding}`;
  const [batch = 1, , , channel = 1] = ints(node, 'strides');
  return batch === 1 && channel === 1 ? undefined : 'strides over batch or channels';
}

/** Height and width of a list in the order of NHWC; absent: 1. */
export function pair(node: ModelNode, name: string): Pair {
  const [, height = 1, width = 1] = ints(node, name);
  return [height, width];
}

/** Pixels of padding that one side needs. */
export function same(extent: number, size: number, stride: number, dilation = 1): [number, number] {
  const out = Math.ceil(extent / stride);
  const total = Math.max((out - 1) * stride + dilation * (size - 1) + 1 - extent, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** The padding of a node over an image `[B, H, W, C]`. */
export function paddingOf(
  node: ModelNode,
  [, height = 0, width = 0]: readonly number[],
  size: Pair,
  stride: Pair,
  dilation: Pair = [1, 1],
): Padding {
  switch (string(node, 'padding', 'VALID')) {
    case 'SAME': {
      const [top, bottom] = same(height, size[0], stride[0], dilation[0]);
      const [left, right] = same(width, size[1], stride[1], dilation[1]);
      return [top, left, bottom, right];
    }
    case 'EXPLICIT': {
      const pads = ints(node, 'explicit_paddings');
      if (pads.length !== 8 || pads[0] || pads[1] || pads[6] || pads[7])
        throw unsupported(node, `has the padding [${pads.join(', ')}]`);
      const [, , top = 0, bottom = 0, left = 0, right = 0] = pads;
      return [top, left, bottom, right];
    }
    default:
      return [0, 0, 0, 0];
  }
}
