// convTranspose2d: conv2d the other way: each pixel lays down a window of weights, and what overlaps adds up.
//
//   y[b, g·O/G + o, h·s + p·d − top, w·s + q·d − left] += w[c, o, p, q] · x[b, c, h, w],   c in group g
import { op, toDense, walk, type NodeId, type Op } from '@lacuna/ir';
import { conv2d } from './conv2d.js';
import { conv2dFilter } from './conv2dfilter.js';
import { within } from './backward.js';
import { checkBias, checkRank, checkWhole, refuse, show } from '../shapes.js';
import { placesOf, valuesOf } from './stored.js';
import { sum } from '../reductions/sum.js';
import type { Padding, Pair } from './window.js';

/** Attributes of {@link convTranspose2d}. */
export interface ConvTranspose2dAttrs {
  readonly stride: Pair;
  /** Rows and columns cut off the output: top, left, bottom, right. */
  readonly padding: Padding;
  readonly dilation: Pair;
  readonly groups: number;
  /** Rows and columns more at the bottom and at the right. */
  readonly outputPadding: Pair;
}

/**
 * `convTranspose2d(x [B, C, H, W], w [C, O/groups, KH, KW], bias? [O])` → `[B, O, H', W']`, where
 * H' = (H − 1)·stride + dilation·(KH − 1) + 1 − top − bottom + outputPadding.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { convTranspose2d } from '@lacuna/ops';
 * const [x, w] = [assemble(dense(), [1, 1, 1, 1], [3]), assemble(dense(), [1, 1, 1, 2], [1, 2])];
 * convTranspose2d.spec.reference([x, w], convTranspose2d.spec.defaults); // Float64Array [3, 6]
 * ```
 */
export const convTranspose2d: Op<ConvTranspose2dAttrs> = op<ConvTranspose2dAttrs>({
  name: 'convTranspose2d',
  arity: [2, 3],
  defaults: {
    stride: [1, 1],
    padding: [0, 0, 0, 0],
    dilation: [1, 1],
    groups: 1,
    outputPadding: [0, 0],
  },
  infer([x, w, bias], { stride, padding, dilation, groups, outputPadding }) {
    const name = 'convTranspose2d';
    checkRank(name, 'x', x!, ['B', 'C', 'H', 'W']);
    checkRank(name, 'w', w!, ['C', 'O/groups', 'KH', 'KW']);
    checkWhole(name, 'stride', stride, ['height', 'width'], 1);
    checkWhole(name, 'dilation', dilation, ['height', 'width'], 1);
    checkWhole(name, 'padding', padding, ['top', 'left', 'bottom', 'right'], 0);
    checkWhole(name, 'outputPadding', outputPadding, ['height', 'width'], 0);
    checkWhole(name, 'groups', [groups], ['groups'], 1);
    checkWhole(name, 'a window', w!.slice(2), ['KH', 'KW'], 1);
    checkWhole(name, 'an image', x!.slice(2), ['H', 'W'], 1);
    if (w![0] !== x![1] || x![1]! % groups)
      refuse(
        name,
        `x ${show(x!)} and w ${show(w!)} in ${groups} groups`,
        `write w as [${x![1]}, O/groups, KH, KW], ${x![1]} a multiple of groups`,
      );
    const outputs = w![1]! * groups;
    checkBias(name, bias, outputs, `w ${show(w!)}`);
    const along = (side: 0 | 1): number =>
      (x![2 + side]! - 1) * stride[side] +
      dilation[side] * (w![2 + side]! - 1) +
      1 -
      padding[side] -
      padding[(2 + side) as 2 | 3] +
      outputPadding[side];
    const [height, width] = [along(0), along(1)];
    if (height < 0 || width < 0)
      refuse(name, `x ${show(x!)}, w ${show(w!)} and padding ${show(padding)}`, 'cut off less');
    return [x![0]!, outputs, height, width];
  },
  reference([x, w, bias], attrs) {
    const { stride, padding, dilation, groups } = attrs;
    const shape = convTranspose2d.spec.infer([x!.shape, w!.shape, bias?.shape], attrs);
    const [batch, outputs, rows, columns] = shape as [number, number, number, number];
    const [, channels, height, width] = x!.shape as [number, number, number, number];
    const { numbers, stored } = placesOf(x!);
    const values = valuesOf(w!);
    const y = new Float64Array(batch * outputs * rows * columns);
    walk(w!.pattern, (at, position) => {
      const [c, o, p, q] = [at[0]!, at[1]!, at[2]!, at[3]!];
      const output = Math.floor((c * groups) / channels) * (outputs / groups) + o;
      const value = values[position]!;
      for (let b = 0; b < batch; b++)
        for (let h = 0; h < height; h++) {
          const i = h * stride[0] + p * dilation[0] - padding[0];
          if (i < 0 || i >= rows) continue;
          for (let k = 0; k < width; k++) {
            const j = k * stride[1] + q * dilation[1] - padding[1];
            const from = ((b * channels + c) * height + h) * width + k;
            if (j < 0 || j >= columns || (stored && !stored[from])) continue;
            y[((b * outputs + output) * rows + i) * columns + j]! += value * numbers[from]!;
          }
        }
    });
    if (bias) {
      const add = toDense(bias);
      for (let at = 0; at < y.length; at++)
        y[at]! += add[Math.floor(at / (rows * columns)) % outputs]!;
    }
    return y;
  },
  roundings: ([x, w, bias], { groups }) => (x![1]! / groups) * w![2]! * w![3]! + (bias ? 1 : 0),
  gradient: {
    rule: (scope, attrs) => {
      const { apply, inputs, dy, shapeOf, wants } = scope;
      const { outputPadding: _, ...slide } = attrs;
      const size = shapeOf(inputs[1]!).slice(2) as [number, number];
      const dx = (): NodeId =>
        within(scope, apply(conv2d, [dy, inputs[1]], slide), shapeOf(inputs[0]!));
      const dw = (): NodeId => apply(conv2dFilter, [dy, inputs[0]], { ...slide, size });
      return [
        wants(0) ? dx() : undefined,
        wants(1) ? dw() : undefined,
        wants(2) ? apply(sum, [dy], { axes: [0, 2, 3] }) : undefined,
      ];
    },
  },
});
