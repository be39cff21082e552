// Random cases of functions of one number, and of choices between two.
import type { CaseMaker } from '../call.js';
import { anyShape, binaryCase, unaryCase } from './elements.js';

/** Of one tensor, smooth where it is positive. */
export const positiveCase: CaseMaker = (random) => ({ ...unaryCase(random), positive: [0] });

/** Exponents that networks use, and others. */
export const powerCase: CaseMaker = (random) => ({
  shapes: [anyShape(random)],
  attrs: { exponent: random.pick([2, 2, 3, 0.5, -1, -0.5, 1, 0, 1.5, -2.25]) },
  positive: [0],
});

/** Slopes left of zero, falling ones too. */
export const leakyReluCase: CaseMaker = (random) => ({
  shapes: [anyShape(random)],
  attrs: { slope: random.pick([0.01, 0.25, 1.5, -0.5]) },
});

/** Bounds on both sides, on one, on none. */
export const clampCase: CaseMaker = (random) => ({
  shapes: [anyShape(random)],
  attrs: {
    least: random.pick([-1, 0, -Infinity]),
    most: random.pick([0, 2.5, Infinity]),
  },
});

/** Both forms. */
export const geluCase: CaseMaker = (random) => ({
  shapes: [anyShape(random)],
  attrs: { form: random.pick(['exact', 'tanh']) },
});

/** Any factor. */
export const scaleCase: CaseMaker = (random) => ({
  shapes: [anyShape(random)],
  attrs: { factor: random.pick([-1, 0, 0.1, 3]) },
});

/** A divisor that is not 0 where slopes are looked at. */
export const divideCase: CaseMaker = (random) => ({ ...binaryCase(random), positive: [1] });

/** A condition and two tensors, each of which may be stretched. */
export const whereCase: CaseMaker = (random) => {
  const { shapes } = binaryCase(random);
  const { length } = shapes[0]!.length >= shapes[1]!.length ? shapes[0]! : shapes[1]!;
  const larger = shapes.find((shape) => shape!.length === length)!;
  const condition = random.chance(0.5) ? larger : larger.map(() => 1);
  return {
    shapes: [condition, ...shapes],
    attrs: {},
    fill: { 0: (r, count) => Array.from({ length: count }, () => r.whole(0, 1)) },
  };
};

/** A seed and any rate. */
export const dropoutCase: CaseMaker = (random) => ({
  shapes: [anyShape(random), []],
  attrs: { rate: random.pick([0, 0.1, 0.5, 0.99]) },
  fill: { 1: (r) => [r.whole(0, 99999)] },
});
