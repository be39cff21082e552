// A tiny transformer for images of 8 × 8: a row of pixels is a token; blocks of attention and a feed-forward layer,
// each after a norm and beside a residual; the mean of all tokens is classified.
import type { Tensor } from '@lacuna/ir';
import { add, attention, gelu, layerNorm, linear, mean, reshape } from '@lacuna/ops';
import { constant, xavier, type Model } from '@lacuna/train';

/** Parameters `embed.weight`, `blocks.0.query.weight`, …; values `blocks.0.hidden`, …. */
export function transformer({
  width = 32,
  blocks = 2,
  seed,
}: {
  readonly width?: number;
  readonly blocks?: number;
  readonly seed: number;
}): Model {
  const parameters: Record<string, Tensor> = {};
  const layer = (name: string, outputs: number, inputs: number): void => {
    parameters[`${name}.weight`] = xavier([outputs, inputs], { seed, name });
    parameters[`${name}.bias`] = constant([outputs]);
  };
  const norm = (name: string): void => {
    parameters[`${name}.gain`] = constant([width], 1);
    parameters[`${name}.bias`] = constant([width]);
  };
  layer('embed', width, 8);
  parameters['place'] = xavier([8, width], { seed, name: 'place' });
  const names = Array.from({ length: blocks }, (_, k) => `blocks.${k}`);
  for (const block of names) {
    for (const part of ['query', 'key', 'value', 'mix']) layer(`${block}.${part}`, width, width);
    layer(`${block}.up`, 2 * width, width);
    layer(`${block}.down`, width, 2 * width);
    norm(`${block}.norm0`);
    norm(`${block}.norm1`);
  }
  layer('out', 10, width);
  return {
    parameters,
    values: names.map((block) => `${block}.hidden`),
    forward(w, inputs, { named }) {
      const apply = (name: string, x: Tensor): Tensor =>
        linear(x, w[`${name}.weight`], w[`${name}.bias`]);
      const normed = (name: string, x: Tensor): Tensor =>
        layerNorm(x, w[`${name}.gain`], w[`${name}.bias`]);
      let x = add(apply('embed', reshape(inputs, { shape: [-1, 8, 8] })), w['place']);
      for (const block of names) {
        const y = normed(`${block}.norm0`, x);
        const [q, k, v] = ['query', 'key', 'value'].map((part) => apply(`${block}.${part}`, y));
        x = add(x, apply(`${block}.mix`, attention(q!, k!, v!)));
        const hidden = gelu(apply(`${block}.up`, normed(`${block}.norm1`, x)));
        x = add(x, apply(`${block}.down`, named(`${block}.hidden`, hidden)));
      }
      return apply('out', mean(x, { axes: [1] }));
    },
  };
}
