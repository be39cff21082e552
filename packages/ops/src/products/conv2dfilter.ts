// conv2dFilter: the sum over images and places of what each pixel of a window meets: the gradient of conv2d
// with respect to its weights.
//
//   w[o, c, p, q] = Σ b,h,w  dy[b, o, h, w] · x[b, g·C/G + c, h·s + p·d − top, w·s + q·d − left]
import { op, type Op } from '@lacuna/ir';
import { within } from './backward.js';
import { conv2d } from './conv2d.js';
import { convTranspose2d } from './convtranspose2d.js';
import { checkRank, checkWhole, refuse, show } from '../shapes.js';
import { placesOf } from './stored.js';
import { rest, type Padding, type Pair } from './window.js';

/** Attributes of {@link conv2dFilter}. */
export interface Conv2dFilterAttrs {
  readonly stride: Pair;
  readonly padding: Padding;
  readonly dilation: Pair;
  readonly groups: number;
  /** Height and width of the window. */
  readonly size: Pair;
}

/**
 * `conv2dFilter(x [B, C, H, W], dy [B, O, H', W'], { size })` → `[O, C/groups, KH, KW]`, where dy has the shape
 * that conv2d would give, or less.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { conv2dFilter } from '@lacuna/ops';
 * const [x, dy] = [assemble(dense(), [1, 1, 1, 2], [3, 4]), assemble(dense(), [1, 1, 1, 1], [2])];
 * conv2dFilter.spec.reference([x, dy], { ...conv2dFilter.spec.defaults, size: [1, 2] }); // Float64Array [6, 8]
 * ```
 */
export const conv2dFilter: Op<Conv2dFilterAttrs> = op<Conv2dFilterAttrs>({
  name: 'conv2dFilter',
  arity: [2, 2],
  defaults: { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1, size: [1, 1] },
  infer([x, dy], { groups, size, ...slide }) {
    const name = 'conv2dFilter';
    checkRank(name, 'x', x!, ['B', 'C', 'H', 'W']);
    checkRank(name, 'dy', dy!, ['B', 'O', "H'", "W'"]);
    checkWhole(name, 'size', size, ['height', 'width'], 1);
    checkWhole(name, 'stride', slide.stride, ['height', 'width'], 1);
    checkWhole(name, 'dilation', slide.dilation, ['height', 'width'], 1);
    checkWhole(name, 'padding', slide.padding, ['top', 'left', 'bottom', 'right'], 0);
    checkWhole(name, 'groups', [groups], ['groups'], 1);
    const fits =
      x![0] === dy![0] &&
      x![1]! % groups === 0 &&
      dy![1]! % groups === 0 &&
      rest(x!, dy!, { size, ...slide }).every((r) => r >= 0);
    if (!fits)
      refuse(
        name,
        `x ${show(x!)} and dy ${show(dy!)} with a window ${show(size)} in ${groups} groups`,
        'write a dy of the shape that conv2d gives',
      );
    return [dy![1]!, x![1]! / groups, ...size];
  },
  reference([x, dy], { stride, padding, dilation, groups, size }) {
    const [batch, channels, height, width] = x!.shape as [number, number, number, number];
    const [, outputs, rows, columns] = dy!.shape as [number, number, number, number];
    const [image, given] = [placesOf(x!), placesOf(dy!)];
    const inner = channels / groups;
    const w = new Float64Array(outputs * inner * size[0] * size[1]);
    for (let at = 0; at < w.length; at++) {
      const q = at % size[1];
      const p = Math.floor(at / size[1]) % size[0];
      const c = Math.floor(at / (size[0] * size[1])) % inner;
      const o = Math.floor(at / (size[0] * size[1] * inner));
      const channel = Math.floor((o * groups) / outputs) * inner + c;
      for (let b = 0; b < batch; b++)
        for (let h = 0; h < rows; h++) {
          const i = h * stride[0] + p * dilation[0] - padding[0];
          if (i < 0 || i >= height) continue;
          for (let k = 0; k < columns; k++) {
            const j = k * stride[1] + q * dilation[1] - padding[1];
            if (j < 0 || j >= width) continue;
            const from = ((b * channels + channel) * height + i) * width + j;
            const by = ((b * outputs + o) * rows + h) * columns + k;
            if ((image.stored && !image.stored[from]) || (given.stored && !given.stored[by]))
              continue;
            w[at]! += given.numbers[by]! * image.numbers[from]!;
          }
        }
    }
    return w;
  },
  roundings: ([, dy]) => dy![0]! * dy![2]! * dy![3]! + 1,
  gradient: {
    rule: (scope, { size, ...slide }) => {
      const { apply, inputs, dy, shapeOf, wants } = scope;
      const [x, given] = [inputs[0]!, inputs[1]!];
      const outputPadding = rest(shapeOf(x), shapeOf(given), { size, ...slide });
      return [
        wants(0) ? apply(convTranspose2d, [given, dy], { ...slide, outputPadding }) : undefined,
        wants(1) ? within(scope, apply(conv2d, [x, dy], slide), shapeOf(given)) : undefined,
      ];
    },
  },
});
