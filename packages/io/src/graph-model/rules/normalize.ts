// Batch normalisation with fixed statistics: a product and a sum for each channel.
//
//   y = x · s + (offset − mean · s),  s = scale / √(variance + ε)
import { add, multiply } from '@lacuna/ops';
import { bool, float, string } from '../attributes.js';
import type { Folded } from '../value.js';
import { operands } from './operands.js';
import type { Rule, Rules } from './rule.js';

const normalize: Rule = {
  lacks: (node) =>
    bool(node, 'is_training')
      ? 'training'
      : string(node, 'data_format', 'NHWC') === 'NHWC'
        ? undefined
        : 'data_format other than NHWC',
  emit(node, importer) {
    const [scale, offset, mean, variance] = [1, 2, 3, 4].map((at) => importer.numbers(node, at));
    const epsilon = float(node, 'epsilon', 0.001);
    const size = scale?.length ?? 0;
    const factor = Float64Array.from(
      { length: size },
      (_, c) => (scale?.[c] ?? 1) / Math.sqrt((variance?.[c] ?? 1) + epsilon),
    );
    const constant = (suffix: string, make: (c: number) => number): Folded => ({
      kind: 'folded',
      name: node.name + suffix,
      shape: [size],
      data: Float32Array.from({ length: size }, (_, c) => make(c)),
    });
    const s = constant('/scale', (c) => factor[c] ?? 0);
    const b = constant('/offset', (c) => (offset?.[c] ?? 0) - (mean?.[c] ?? 0) * (factor[c] ?? 0));
    const { nodes, wrap } = operands(importer, [importer.input(node, 0), s, b]);
    const [x, sNode, bNode] = nodes;
    const scaled = importer.apply(multiply, [x, sNode], {}, `${node.name}/scaled`);
    return wrap(node.name, importer.apply(add, [scaled, bNode], {}, node.name));
  },
};

export const normalizations: Rules = {
  FusedBatchNorm: normalize,
  FusedBatchNormV2: normalize,
  FusedBatchNormV3: normalize,
};
