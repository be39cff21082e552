// Random cases of ops that look places up, and of boxes cut out.
import type { CaseMaker, Fill } from '../call.js';
import type { Random } from '../random.js';
import { anyShape } from './elements.js';

/** Indices in 0..extent, and now and then one outside. */
const indices =
  (extent: number): Fill =>
  (random, count) =>
    Array.from({ length: count }, () =>
      random.chance(0.05) ? random.pick([-1, extent]) : random.whole(0, Math.max(0, extent - 1)),
    );

const type = (random: Random): 'float32' | 'int32' => random.pick(['float32', 'int32'] as const);

/** Along any dimension, with more indices than elements or fewer. */
export const gatherCase: CaseMaker = (random) => {
  const shape = anyShape(random, 1);
  const axis = random.whole(0, shape.length - 1);
  return {
    shapes: [shape, shape.with(axis, random.extent(0, 9))],
    attrs: { axis: random.chance(0.5) ? axis - shape.length : axis },
    flow: [0],
    fill: { 1: indices(shape[axis]!) },
    dtypes: { 1: type(random) },
  };
};

/** As gather, with updates. */
export const scatterAddCase: CaseMaker = (random) => {
  const { shapes, ...rest } = gatherCase(random);
  return { shapes: [...shapes, shapes[1]], ...rest };
};

/** Indices of any shape. */
export const embeddingCase: CaseMaker = (random) => {
  const [rows, width] = [random.extent(1, 33), random.extent(0, 17)];
  return {
    shapes: [[rows, width], anyShape(random, 0, random.whole(0, 2)).map((e) => Math.min(e, 12))],
    attrs: {},
    flow: [0],
    fill: { 1: indices(rows) },
    dtypes: { 1: type(random) },
  };
};

/** Any box within. */
export const sliceCase: CaseMaker = (random) => {
  const shape = anyShape(random);
  const begin = shape.map((extent) => random.whole(0, extent));
  const size = shape.map((extent, dim) =>
    random.chance(0.3) ? -1 : random.whole(0, extent - begin[dim]!),
  );
  return { shapes: [shape], attrs: { begin, size } };
};
