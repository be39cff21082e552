// A small convolutional network for images of 8 × 8: two convolutions, each halved by pooling, and a linear layer.
// Weights are stored as matrices, a row an output channel, 9 neighbours an input channel, so that every layout may hold
// them: csr, or bcsr(1, 9) for whole kernels.
import { conv2d, linear, maxPool, relu, reshape } from '@lacuna/ops';
import { constant, he, type Model } from '@lacuna/train';

/** Parameters `conv.0.weight`, …; values `features0`, `features1`. */
export function convNet({
  channels = 8,
  seed,
}: {
  readonly channels?: number;
  readonly seed: number;
}): Model {
  const weight = (name: string, shape: readonly number[]) => ({
    [name]: he(shape, { seed, name }),
  });
  const halved = { size: [2, 2], stride: [2, 2] } as const;
  const same = { padding: [1, 1, 1, 1] } as const;
  return {
    parameters: {
      ...weight('conv.0.weight', [channels, 9]),
      'conv.0.bias': constant([channels]),
      ...weight('conv.1.weight', [2 * channels, 9 * channels]),
      'conv.1.bias': constant([2 * channels]),
      ...weight('out.weight', [10, 8 * channels]),
      'out.bias': constant([10]),
    },
    values: ['features0', 'features1'],
    forward(w, inputs, { named }) {
      let x = reshape(inputs, { shape: [-1, 1, 8, 8] });
      for (const k of [0, 1]) {
        const kernels = reshape(w[`conv.${k}.weight`], {
          shape: [-1, k === 0 ? 1 : channels, 3, 3],
        });
        const y = conv2d(x, kernels, w[`conv.${k}.bias`], same);
        x = named(`features${k}`, maxPool(relu(y), halved));
      }
      return linear(reshape(x, { shape: [-1, 8 * channels] }), w['out.weight'], w['out.bias']);
    },
  };
}
