// Convolutions. Weights HWIO become [O, I, KH, KW]; depthwise ones [KH, KW, C, M] become [C·M, 1, KH, KW].
import { conv2d } from '@lacuna/ops';
import type { NodeId } from '@lacuna/ir';
import { unsupported, type Importer } from '../importer.js';
import type { ModelNode } from '../model.js';
import { permute, transposeData, type Folded, type Value } from '../value.js';
import { fusedParts, lacksFused } from './fused.js';
import type { Rule, Rules } from './rule.js';
import { lacksWindow, paddingOf, pair } from './windows.js';

const outputsFirst = [3, 2, 0, 1] as const;

function weightsOf(node: ModelNode, importer: Importer): Folded {
  const weights = importer.folded(node, 1);
  if (weights.shape.length !== 4)
    throw unsupported(node, `has weights [${weights.shape.join(', ')}], not of 4 dimensions`);
  return weights;
}

/** HWIO → OIHW. */
function dense(importer: Importer, { name, shape, data }: Folded): NodeId {
  return importer.constant(name, 'conv', () => ({
    shape: permute(shape, outputsFirst),
    data: transposeData(data, shape, outputsFirst),
  }));
}

/** HWCM → (C·M)1HW. */
function depthwise(importer: Importer, { name, shape, data }: Folded): NodeId {
  const [height = 1, width = 1, channels = 1, multiple = 1] = shape;
  return importer.constant(name, 'depthwise', () => ({
    shape: [channels * multiple, 1, height, width],
    data: transposeData(data, shape, [2, 3, 0, 1]),
  }));
}

function convolution(isDepthwise: boolean): Rule {
  return {
    lacks: (node) => lacksWindow(node) ?? lacksFused(node),
    emit(node, importer): Value {
      const image = importer.input(node, 0);
      const weights = weightsOf(node, importer);
      const [height = 1, width = 1, inputs = 1] = weights.shape;
      const [stride, dilation] = [pair(node, 'strides'), pair(node, 'dilations')];
      const padding = paddingOf(node, image.shape, [height, width], stride, dilation);
      const groups = isDepthwise ? inputs : Math.max(1, Math.floor((image.shape[3] ?? 0) / inputs));
      const { bias, activation, after } = fusedParts(node, importer);
      const w = isDepthwise ? depthwise(importer, weights) : dense(importer, weights);
      const conv = importer.apply(
        conv2d,
        [importer.planes(image), w, ...(bias === undefined ? [] : [bias])],
        { stride, dilation, padding, groups, activation },
        after ? `${node.name}/conv` : node.name,
      );
      return importer.planesValue(node.name, after ? after(conv) : conv);
    },
  };
}

export const convolutions: Rules = {
  Conv2D: convolution(false),
  FusedConv2D: convolution(false),
  _FusedConv2D: convolution(false),
  DepthwiseConv2dNative: convolution(true),
  DepthwiseConv2d: convolution(true),
  FusedDepthwiseConv2dNative: convolution(true),
};
