// What the laws are too small for, or have no cases of: windows that are laid out some images at a time, and masks.
import { assemble, dense, sizeOf } from '@lacuna/ir';
import { masked } from '@lacuna/ops';
import {
  boundOf,
  firstOutside,
  kernelLaws,
  launch,
  printFailure,
  Random,
  runLaw,
  type CaseMaker,
} from '@lacuna/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { dawn } from '../test/dawn.js';
import { imagesAtOnce } from './kernels/windows.js';

const backend = await dawn();
afterAll(() => backend.dispose());

describe('windows of more images than are laid out at once', () => {
  const [channels, side] = [12, 200];
  it('are more than one part', () => {
    expect(imagesAtOnce(2, channels * 9 * side * side * 4)).toBe(1);
  });

  const padding = [1, 1, 1, 1];
  const large = [2, channels, side, side];
  const small = [2, 1, side, side];
  const window = [1, channels, 3, 3];
  it.each<[string, readonly number[][], object]>([
    ['columns-conv2d', [large, window, [1]], { padding }],
    ['columns-convTranspose2d', [small, window, [channels]], { padding }],
    ['patches-conv2dFilter', [large, small], { padding, size: [3, 3] }],
  ])('%s', async (name, shapes, given) => {
    const random = new Random(1);
    const inputs = shapes.map((shape) =>
      assemble(
        dense(),
        shape,
        Float32Array.from({ length: sizeOf(shape) }, () => random.next() - 0.5),
      ),
    );
    const kernel = backend.kernels.find((k) => k.name === name)!;
    const attrs = { ...kernel.op.spec.defaults, ...given };
    const { numbers, unwritten, trespass } = (await launch(backend, kernel, inputs, attrs))!;
    expect([firstOutside(numbers, boundOf(kernel.op, inputs, attrs)), unwritten, trespass]).toEqual(
      [-1, -1, undefined],
    );
  });
});

describe('masked', () => {
  const make: CaseMaker = (random) => {
    const shape = [random.extent(0, 33), random.extent(0, 17)];
    return {
      shapes: [shape, shape],
      attrs: masked.spec.defaults,
      flow: [0],
      fill: { 1: (r, count) => Array.from({ length: count }, () => r.whole(0, 1)) },
    };
  };
  const kernel = backend.kernels.find(({ op }) => op === masked)!;
  for (const law of kernelLaws(kernel, backend, make))
    it(law.name, async () => {
      const failure = await runLaw(law, { seed: 1, cases: 20 });
      expect(failure && printFailure(failure)).toBeUndefined();
    });
});
