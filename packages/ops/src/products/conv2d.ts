// conv2d: a window of weights that slides over planes of pixels. Padding is no pixels: it adds nothing,
// rather than zeros times weights.
//
//   y[b, o, h, w] = f( Σ c,p,q  w[o, c, p, q] · x[b, g·C/G + c, h·s + p·d − top, w·s + q·d − left] + bias[o] )
import { op, toDense, walk, type Op } from '@lacuna/ir';
import { beforeActivation } from './backward.js';
import { conv2dFilter } from './conv2dfilter.js';
import { convTranspose2d } from './convtranspose2d.js';
import { sum } from '../reductions/sum.js';
import { activate, checkActivation, type Activation } from './activation.js';
import { checkBias, checkRank, checkWhole, refuse, show } from '../shapes.js';
import { placesOf, valuesOf } from './stored.js';
import { rest, slide, type Padding, type Pair } from './window.js';

/** Attributes of {@link conv2d}. */
export interface Conv2dAttrs {
  readonly stride: Pair;
  readonly padding: Padding;
  readonly dilation: Pair;
  /** Channels fall into this many groups; as many as channels: depthwise. */
  readonly groups: number;
  readonly activation: Activation;
}

/**
 * `conv2d(x [B, C, H, W], w [O, C/groups, KH, KW], bias? [O])` → `[B, O, H', W']`.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { conv2d } from '@lacuna/ops';
 * const x = assemble(dense(), [1, 1, 2, 2], [1, 2, 3, 4]);
 * const w = assemble(dense(), [1, 1, 2, 2], [1, 1, 1, 1]);
 * conv2d.spec.reference([x, w], conv2d.spec.defaults); // Float64Array [10]
 * ```
 */
export const conv2d: Op<Conv2dAttrs> = op<Conv2dAttrs>({
  name: 'conv2d',
  arity: [2, 3],
  defaults: {
    stride: [1, 1],
    padding: [0, 0, 0, 0],
    dilation: [1, 1],
    groups: 1,
    activation: 'none',
  },
  infer([x, w, bias], { stride, padding, dilation, groups, activation }) {
    checkRank('conv2d', 'x', x!, ['B', 'C', 'H', 'W']);
    checkRank('conv2d', 'w', w!, ['O', 'C/groups', 'KH', 'KW']);
    checkWhole('conv2d', 'stride', stride, ['height', 'width'], 1);
    checkWhole('conv2d', 'dilation', dilation, ['height', 'width'], 1);
    checkWhole('conv2d', 'padding', padding, ['top', 'left', 'bottom', 'right'], 0);
    checkWhole('conv2d', 'groups', [groups], ['groups'], 1);
    checkWhole('conv2d', 'a window', w!.slice(2), ['KH', 'KW'], 1);
    const [outputs, channels] = [w![0]!, x![1]!];
    if (channels % groups || outputs % groups || w![1] !== channels / groups)
      refuse(
        'conv2d',
        `x ${show(x!)} and w ${show(w!)} in ${groups} groups`,
        `write w as [O, ${channels % groups ? `C / ${groups}, with C a multiple of it` : channels / groups}, KH, KW], O a multiple of ${groups}`,
      );
    checkBias('conv2d', bias, outputs, `w ${show(w!)}`);
    checkActivation('conv2d', activation);
    const size: Pair = [w![2]!, w![3]!];
    return [x![0]!, outputs, ...slide('conv2d', x!, { size, stride, padding, dilation })];
  },
  reference([x, w, bias], attrs) {
    const { stride, padding, dilation, groups, activation } = attrs;
    const [batch, channels, height, width] = x!.shape as [number, number, number, number];
    const outputs = w!.shape[0]!;
    const size: Pair = [w!.shape[2]!, w!.shape[3]!];
    const [rows, columns] = slide('conv2d', x!.shape, { size, stride, padding, dilation });
    const { numbers, stored } = placesOf(x!);
    const values = valuesOf(w!);
    const y = new Float64Array(batch * outputs * rows * columns);
    walk(w!.pattern, (at, position) => {
      const [o, c, p, q] = [at[0]!, at[1]!, at[2]!, at[3]!];
      const value = values[position]!;
      const channel = Math.floor((o * groups) / outputs) * (channels / groups) + c;
      for (let b = 0; b < batch; b++) {
        for (let row = 0; row < rows; row++) {
          const i = row * stride[0] + p * dilation[0] - padding[0];
          if (i < 0 || i >= height) continue;
          const image = ((b * channels + channel) * height + i) * width;
          const out = ((b * outputs + o) * rows + row) * columns;
          for (let column = 0; column < columns; column++) {
            const j = column * stride[1] + q * dilation[1] - padding[1];
            if (j < 0 || j >= width || (stored && !stored[image + j])) continue;
            y[out + column]! += value * numbers[image + j]!;
          }
        }
      }
    });
    if (bias) {
      const add = toDense(bias);
      const plane = rows * columns;
      for (let at = 0; at < y.length; at++) y[at]! += add[Math.floor(at / plane) % outputs]!;
    }
    return activate(y, activation);
  },
  roundings: ([, w, bias]) => w![1]! * w![2]! * w![3]! + (bias ? 1 : 0),
  linearAttrs: (attrs) => ({ ...attrs, activation: 'none' }),
  gradient: {
    rule: (scope, { activation, ...slide }) => {
      const { apply, inputs, shapeOf, wants } = scope;
      const [x, w] = [inputs[0]!, inputs[1]!];
      const dy = beforeActivation(scope, activation);
      const size = shapeOf(w).slice(2) as [number, number];
      const outputPadding = rest(shapeOf(x), shapeOf(dy), { size, ...slide });
      return [
        wants(0) ? apply(convTranspose2d, [dy, w], { ...slide, outputPadding }) : undefined,
        wants(1) ? apply(conv2dFilter, [x, dy], { ...slide, size }) : undefined,
        wants(2) ? apply(sum, [dy], { axes: [0, 2, 3] }) : undefined,
      ];
    },
  },
});
