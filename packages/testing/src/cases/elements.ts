// Random cases of ops that go element by element, with and without stretching.
import type { Shape } from '@lacuna/ir';
import type { CaseMaker } from '../call.js';
import type { Random } from '../random.js';

/** Any shape of up to four dimensions and some 2000 elements. */
export function anyShape(random: Random, least = 0, rank = random.whole(least, 4)): number[] {
  const most = [129, 129, 33, 12, 7][rank]!;
  return Array.from({ length: rank }, () => random.extent(0, most));
}

/** A shape that stretches to `shape`: fewer dimensions, or extents of 1. */
function stretching(random: Random, shape: Shape): Shape {
  if (random.chance(0.4)) return shape;
  return shape
    .slice(random.whole(0, shape.length))
    .map((extent) => (random.chance(0.4) ? 1 : extent));
}

/** One tensor. */
export const unaryCase: CaseMaker = (random) => ({ shapes: [anyShape(random)], attrs: {} });

/** Two tensors that stretch to each other. */
export const binaryCase: CaseMaker = (random) => {
  const shape = anyShape(random);
  return {
    shapes: random
      .pick([
        [0, 1],
        [1, 0],
      ])
      .map((k) => (k ? stretching(random, shape) : shape)),
    attrs: {},
  };
};

/** One to four tensors that stretch to one shape. */
export const sumCase: CaseMaker = (random) => {
  const shape = anyShape(random);
  const others = Array.from({ length: random.whole(0, 3) }, () => stretching(random, shape));
  return { shapes: [shape, ...others], attrs: {} };
};

/** x and an alpha that stretches to it, one number a channel as often as not. */
export const preluCase: CaseMaker = (random) => {
  const shape = anyShape(random, 1);
  const perChannel = shape.map((extent, dim) =>
    dim === Math.max(0, shape.length - 3) ? extent : 1,
  );
  return {
    shapes: [shape, random.chance(0.5) ? perChannel : stretching(random, shape)],
    attrs: {},
    flow: [0],
  };
};

/** x and a bias along one of its dimensions. */
export const biasAddCase: CaseMaker = (random) => {
  const shape = anyShape(random, 1);
  const axis = random.whole(0, shape.length - 1);
  return {
    shapes: [shape, [shape[axis]!]],
    attrs: { axis: random.chance(0.2) ? axis - shape.length : axis },
  };
};
