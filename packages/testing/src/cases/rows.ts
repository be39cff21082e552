// Random cases of ops on rows: reductions, softmax, norms, running sums.
import type { CaseMaker } from '../call.js';
import type { Random } from '../random.js';
import { anyShape } from './elements.js';

/** An axis, from the front or from the back. */
function someAxis(random: Random, rank: number): number {
  const axis = random.whole(0, rank - 1);
  return random.chance(0.5) ? axis - rank : axis;
}

/** Along any dimension, the last most often. */
export const axisCase: CaseMaker = (random) => {
  const shape = anyShape(random, 1);
  return {
    shapes: [shape],
    attrs: { axis: random.chance(0.5) ? -1 : someAxis(random, shape.length) },
  };
};

/** Rows of any length. */
export const sparseSoftmaxCase: CaseMaker = (random) => ({
  shapes: [anyShape(random, 1)],
  attrs: {},
});

/** Forwards and backwards. */
export const cumulativeSumCase: CaseMaker = (random) => {
  const { shapes, attrs } = axisCase(random);
  return { shapes, attrs: { ...attrs, reverse: random.chance(0.4) } };
};

/** Of at least one element. */
export const argmaxCase: CaseMaker = (random) => {
  const { shapes, attrs } = axisCase(random);
  return {
    shapes: [shapes[0]!.map((extent) => extent || 1)],
    attrs: { ...attrs, keepDims: random.chance(0.5) },
  };
};

/** None, some or all of a line. */
export const topIndicesCase: CaseMaker = (random) => {
  const { shapes, attrs } = axisCase(random);
  const extent = shapes[0]!.at((attrs as { axis: number }).axis)!;
  return { shapes, attrs: { ...attrs, k: random.whole(0, Math.min(extent, 5)) } };
};

/** Rows of one or two dimensions. */
function norm(random: Random, parts: number): ReturnType<CaseMaker> {
  const shape = anyShape(random, 1).map((extent) => extent || 1);
  const dims = random.whole(1, Math.min(2, shape.length));
  const row = shape.slice(-dims);
  const shapes = Array.from({ length: parts }, () => (random.chance(0.6) ? row : undefined));
  return {
    shapes: [shape, ...shapes],
    attrs: { dims, epsilon: random.pick([1e-5, 1e-3, 1]) },
    flow: [0],
  };
}

/** With and without gain and bias. */
export const layerNormCase: CaseMaker = (random) => norm(random, 2);
/** With and without gain. */
export const rmsNormCase: CaseMaker = (random) => norm(random, 1);

/** A shape of fewer dimensions, or with extents of 1, that stretches to x. */
export const sumToCase: CaseMaker = (random) => {
  const shape = anyShape(random).map((extent) => extent || 1);
  const cut = random.chance(0.5) ? 0 : random.whole(0, shape.length);
  return {
    shapes: [shape],
    attrs: { shape: shape.slice(cut).map((extent) => (random.chance(0.4) ? 1 : extent)) },
  };
};

/** The other way. */
export const broadcastCase: CaseMaker = (random) => {
  const { shapes, attrs } = sumToCase(random);
  return { shapes: [(attrs as { shape: number[] }).shape], attrs: { shape: shapes[0]! } };
};
