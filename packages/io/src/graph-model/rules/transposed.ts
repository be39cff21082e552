// A transposed convolution with stride s, said with what we have: each of the s² phases of its output is a
// convolution with every s-th weight, so one convolution makes them all as channels, and depthToSpace lays
// them out.  With  k = d·s + phase + before:
//
//   y[q·s + phase] = Σ k  x[q − d] · w[k]
import { conv2d, depthToSpace } from '@lacuna/ops';
import { ints, string } from '../attributes.js';
import { unsupported, type Importer } from '../importer.js';
import type { ModelNode } from '../model.js';
import type { Value } from '../value.js';
import type { Rules } from './rule.js';
import { lacksWindow, pair, same } from './windows.js';

/** Offsets d of one side: the least and the most that any phase uses. */
function reach(size: number, stride: number, before: number): [number, number] {
  return [Math.ceil(-(stride - 1 + before) / stride), Math.floor((size - 1 - before) / stride)];
}

function emit(node: ModelNode, importer: Importer): Value {
  const image = importer.input(node, 2);
  const { name, shape, data } = importer.folded(node, 1);
  const [height = 1, width = 1, outputs = 1, inputs = 1] = shape;
  const [stride, across] = pair(node, 'strides');
  const [, rows = 0, columns = 0] = importer.numbers(node, 0);
  const [, h = 0, w = 0] = image.shape;
  if (stride !== across || rows !== h * stride || columns !== w * stride)
    throw unsupported(
      node,
      `makes ${rows} by ${columns} of ${h} by ${w} with stride ${stride} by ${across}`,
    );
  const valid = string(node, 'padding', 'VALID') === 'VALID';
  const top = valid ? 0 : same(rows, height, stride)[0];
  const left = valid ? 0 : same(columns, width, stride)[0];
  const [up, down] = reach(height, stride, top);
  const [back, on] = reach(width, stride, left);
  const taps = [down - up + 1, on - back + 1] as const;
  const phases = stride * stride;
  const weights = importer.constant(name, `transposed ${stride} ${top} ${left}`, () => {
    const to = new Float32Array(phases * outputs * inputs * taps[0] * taps[1]);
    let at = 0;
    for (let phase = 0; phase < phases; phase++)
      for (let o = 0; o < outputs; o++)
        for (let i = 0; i < inputs; i++)
          for (let p = 0; p < taps[0]; p++)
            for (let q = 0; q < taps[1]; q++, at++) {
              const y = (down - p) * stride + Math.floor(phase / stride) + top;
              const x = (on - q) * stride + (phase % stride) + left;
              if (y >= 0 && y < height && x >= 0 && x < width)
                to[at] = data[((y * width + x) * outputs + o) * inputs + i] ?? 0;
            }
    return { shape: [phases * outputs, inputs, ...taps], data: to };
  });
  const padding = [down, on, -up, -back] as const;
  const conv = importer.apply(
    conv2d,
    [importer.planes(image), weights],
    { padding },
    stride === 1 ? node.name : `${node.name}/phases`,
  );
  const made =
    stride === 1 ? conv : importer.apply(depthToSpace, [conv], { block: stride }, node.name);
  return importer.planesValue(node.name, made);
}

export const transposedConvolutions: Rules = {
  Conv2DBackpropInput: {
    lacks: (node) =>
      lacksWindow(node) ?? (ints(node, 'dilations').some((d) => d !== 1) ? 'dilations' : undefined),
    emit,
  },
};
