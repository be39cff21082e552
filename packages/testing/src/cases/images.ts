// Random cases of ops on images [B, C, H, W].
import type { CaseMaker } from '../call.js';
import type { Random } from '../random.js';

const image = (random: Random): number[] => [
  random.whole(1, 2),
  random.extent(0, 9),
  random.extent(1, 17),
  random.extent(1, 17),
];

/** Windows of up to 4 × 4, each with a pixel of the image. */
export const poolCase: CaseMaker = (random) => {
  const size = [random.whole(1, 4), random.whole(1, 4)];
  const padding = [0, 1, 2, 3].map((side) => random.whole(0, size[side % 2]! - 1));
  const [batch, channels, height, width] = image(random);
  return {
    shapes: [[batch!, channels!, Math.max(height!, size[0]!), Math.max(width!, size[1]!)]],
    attrs: { size, padding, stride: [random.whole(1, 3), random.whole(1, 3)] },
  };
};

/** Larger, smaller and equal, with the three ways to place pixels. */
export const resizeCase: CaseMaker = (random) => {
  const shape = image(random);
  const double = random.chance(0.4);
  const placing = random.pick([{}, { alignCorners: true }, { halfPixelCenters: true }]);
  return {
    shapes: [shape],
    attrs: {
      height: double ? shape[2]! * 2 : random.extent(1, 24),
      width: double ? shape[3]! * 2 : random.extent(1, 24),
      alignCorners: false,
      halfPixelCenters: false,
      ...placing,
    },
  };
};

/** Blocks of 1, 2 and 3. */
export const depthToSpaceCase: CaseMaker = (random) => {
  const block = random.whole(1, 3);
  const [batch, channels, height, width] = image(random);
  return { shapes: [[batch!, (channels! % 4) * block * block, height!, width!]], attrs: { block } };
};
