// Pools, resizing and depth to space: images in, images out.
import { averagePool, depthToSpace, maxPool, resizeBilinear, type PoolAttrs } from '@lacuna/ops';
import type { Op } from '@lacuna/ir';
import { bool, int, string } from '../attributes.js';
import type { Rule, Rules } from './rule.js';
import { lacksWindow, paddingOf, pair } from './windows.js';

function pool(op: Op<PoolAttrs>): Rule {
  return {
    lacks: lacksWindow,
    emit(node, importer) {
      const image = importer.input(node, 0);
      const [size, stride] = [pair(node, 'ksize'), pair(node, 'strides')];
      const padding = paddingOf(node, image.shape, size, stride);
      const attrs = { size, stride, padding };
      return importer.planesValue(
        node.name,
        importer.apply(op, [importer.planes(image)], attrs, node.name),
      );
    },
  };
}

export const images: Rules = {
  MaxPool: pool(maxPool),
  AvgPool: pool(averagePool),
  ResizeBilinear: {
    emit(node, importer) {
      const [height = 0, width = 0] = importer.numbers(node, 1);
      const attrs = {
        height,
        width,
        alignCorners: bool(node, 'align_corners'),
        halfPixelCenters: bool(node, 'half_pixel_centers'),
      };
      const image = importer.planes(importer.input(node, 0));
      return importer.planesValue(
        node.name,
        importer.apply(resizeBilinear, [image], attrs, node.name),
      );
    },
  },
  DepthToSpace: {
    lacks: (node) =>
      string(node, 'data_format', 'NHWC') === 'NHWC' ? undefined : 'data_format other than NHWC',
    emit(node, importer) {
      const image = importer.planes(importer.input(node, 0));
      const block = int(node, 'block_size', 1);
      return importer.planesValue(
        node.name,
        importer.apply(depthToSpace, [image], { block }, node.name),
      );
    },
  },
};
