// Random cases of products: empty and odd sides, with and without bias, every activation.
import type { Shape } from '@lacuna/ir';
import { activations } from '@lacuna/ops';
import type { CaseMaker } from '../call.js';
import type { Random } from '../random.js';

const bias = (random: Random, size: number): Shape | undefined =>
  random.chance(0.5) ? [size] : undefined;

/** `x [..., K], w [M, K], bias? [M]` */
export const linearCase: CaseMaker = (random) => {
  const [m, k, n] = [random.extent(0, 65), random.extent(0, 65), random.extent(0, 129)];
  const lead = random.pick([[], [n], [n], [n], [2, Math.min(n, 5)]]);
  return {
    shapes: [[...lead, k], [m, k], bias(random, m)],
    attrs: { activation: random.pick(activations) },
    flow: [0],
  };
};

/** `a [M, K], b [K, N], bias? [M]`, each of a and b written either way round. */
export const matmulCase: CaseMaker = (random) => {
  const [m, k, n] = [random.extent(0, 65), random.extent(0, 65), random.extent(0, 129)];
  const [transposeA, transposeB] = [random.chance(0.3), random.chance(0.5)];
  return {
    shapes: [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n], bias(random, m)],
    attrs: { transposeA, transposeB, activation: random.pick(activations) },
  };
};

/** General, grouped and depthwise; windows up to 5 × 5 that may reach past every side. */
export const conv2dCase: CaseMaker = (random) => {
  const kind = random.pick(['plain', 'pointwise', 'grouped', 'depthwise'] as const);
  const groups =
    kind === 'grouped' ? random.whole(2, 3) : kind === 'depthwise' ? random.extent(1, 9) : 1;
  const perGroup = kind === 'depthwise' ? 1 : random.extent(kind === 'grouped' ? 1 : 0, 9);
  const outputs = groups * (kind === 'depthwise' ? random.whole(1, 2) : random.extent(1, 9));
  const side = (): number => random.whole(1, kind === 'pointwise' ? 1 : 5);
  const size = [side(), side()];
  const dilation = [random.pick([1, 1, 2]), random.pick([1, 1, 2])];
  const stride = [random.pick([1, 1, 2, 3]), random.pick([1, 1, 2])];
  const padding = [0, 1, 2, 3].map(() => (kind === 'pointwise' ? 0 : random.whole(0, 2)));
  const extent = (along: 0 | 1): number => {
    const reach = dilation[along]! * (size[along]! - 1) + 1;
    const room = padding[along]! + padding[along + 2]!;
    return Math.max(0, reach - room) + random.extent(0, 17);
  };
  return {
    shapes: [
      [random.whole(0, 2) || 1, groups * perGroup, extent(0), extent(1)],
      [outputs, perGroup, ...size],
      bias(random, outputs),
    ],
    attrs: { stride, padding, dilation, groups, activation: random.pick(activations) },
    flow: [0],
  };
};

/** Pairs of matrices under up to two leading dimensions, each written either way round. */
export const batchMatmulCase: CaseMaker = (random) => {
  const [m, k, n] = [random.extent(0, 33), random.extent(0, 33), random.extent(0, 33)];
  const lead = random.pick([[], [1], [3], [2, 2]]);
  const [transposeA, transposeB] = [random.chance(0.4), random.chance(0.4)];
  return {
    shapes: [
      [...lead, ...(transposeA ? [k, m] : [m, k])],
      [...lead, ...(transposeB ? [n, k] : [k, n])],
    ],
    attrs: { transposeA, transposeB },
  };
};

/** What a convolution slides by, smaller than for conv2d. */
function slide(random: Random): {
  readonly stride: number[];
  readonly padding: number[];
  readonly dilation: number[];
  readonly size: number[];
  readonly groups: number;
} {
  const size = [random.whole(1, 3), random.whole(1, 4)];
  const dilation = [random.pick([1, 1, 2]), random.pick([1, 1, 2])];
  return {
    size,
    dilation,
    stride: [random.pick([1, 1, 2]), random.pick([1, 2, 3])],
    padding: [0, 1, 2, 3].map(() => random.whole(0, 1)),
    groups: random.pick([1, 1, 2, 3]),
  };
}

/** Groups, strides, gaps and borders, with rows and columns more. */
export const convTranspose2dCase: CaseMaker = (random) => {
  const { size, ...attrs } = slide(random);
  const [perGroup, outputs] = [random.whole(1, 5), random.whole(1, 5)];
  return {
    shapes: [
      [random.whole(1, 2), attrs.groups * perGroup, random.whole(2, 9), random.whole(2, 9)],
      [attrs.groups * perGroup, outputs, ...size],
      bias(random, outputs * attrs.groups),
    ],
    attrs: { ...attrs, outputPadding: [random.whole(0, 1), random.whole(0, 1)] },
    flow: [0],
  };
};

/** Of images and the gradient that conv2d would get. */
export const conv2dFilterCase: CaseMaker = (random) => {
  const attrs = slide(random);
  const [rows, columns] = [random.whole(1, 7), random.whole(1, 7)];
  const extent = (side: 0 | 1, n: number): number =>
    Math.max(
      1,
      (n - 1) * attrs.stride[side]! +
        attrs.dilation[side]! * (attrs.size[side]! - 1) +
        1 -
        attrs.padding[side]! -
        attrs.padding[side + 2]! +
        random.whole(0, 1),
    );
  const batch = random.whole(1, 2);
  return {
    shapes: [
      [batch, attrs.groups * random.whole(1, 4), extent(0, rows), extent(1, columns)],
      [batch, attrs.groups * random.whole(1, 4), rows, columns],
    ],
    attrs,
    flow: [0],
  };
};
