// Random cases of ops that move numbers, and of the mean.
import { sizeOf } from '@lacuna/ir';
import type { CaseMaker } from '../call.js';
import { anyShape } from './elements.js';

/** A border of up to three on each side. */
export const padCase: CaseMaker = (random) => {
  const shape = anyShape(random, 0, random.whole(0, 3));
  const padding = shape.map(() => [random.whole(0, 3), random.whole(0, 3)]);
  return { shapes: [shape], attrs: { padding, value: random.pick([0, 0, -1.5, 7]) } };
};

/** One to four tensors, along any dimension. */
export const concatenateCase: CaseMaker = (random) => {
  const shape = anyShape(random, 1);
  const axis = random.whole(0, shape.length - 1);
  const shapes = Array.from({ length: random.whole(1, 4) }, () =>
    shape.with(axis, random.extent(0, 7)),
  );
  return { shapes, attrs: { axis: random.chance(0.2) ? axis - shape.length : axis } };
};

/** Over all dimensions, or any set of them, the last two most often; never over no elements. */
export const meanCase: CaseMaker = (random) => {
  const shape = anyShape(random).map((extent) => extent || 1);
  const axes = shape.map((_, dim) => dim).filter((dim) => random.chance(dim >= 2 ? 0.9 : 0.4));
  const over = random.chance(0.1) ? 'all' : axes;
  return { shapes: [shape], attrs: { axes: over, keepDims: random.chance(0.5) } };
};

/** Dimensions joined, or split at one, with at most one extent left open. */
export const reshapeCase: CaseMaker = (random) => {
  const from = anyShape(random);
  const cut = random.whole(0, from.length);
  const to = [sizeOf(from.slice(0, cut)), ...from.slice(cut)];
  const open = random.whole(0, to.length - 1);
  const rest = sizeOf(to.filter((_, dim) => dim !== open));
  return {
    shapes: [from],
    attrs: { shape: rest > 0 && random.chance(0.5) ? to.with(open, -1) : to },
  };
};

/** Some dimensions of 1, all of them or some dropped. */
export const squeezeCase: CaseMaker = (random) => {
  const shape = anyShape(random).map((extent) => (random.chance(0.4) ? 1 : extent));
  const ones = shape.map((_, dim) => dim).filter((dim) => shape[dim] === 1);
  return { shapes: [shape], attrs: { axes: ones.filter(() => random.chance(0.5)) } };
};

/** Any order of dimensions. */
export const transposeCase: CaseMaker = (random) => {
  const shape = anyShape(random);
  return {
    shapes: [shape],
    attrs: { permutation: random.order(shape.length) },
  };
};
