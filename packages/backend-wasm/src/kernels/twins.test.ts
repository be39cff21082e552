// Where columns go in several blocks, which the cases of products are too small for.
import { linear, matmul } from '@lacuna/ops';
import { kernelLaws, runLaw, type CaseMaker } from '@lacuna/testing';
import { expect, test } from 'vitest';
import { wasm } from '../index.js';

/** Few rows, and columns for one block or seven. */
const tall =
  (turned: boolean): CaseMaker =>
  (random) => {
    const [m, k, n] = [random.extent(0, 9), random.whole(250, 1300), random.extent(0, 129)];
    const bias = random.chance(0.5) ? [m] : undefined;
    const activation = random.pick(['none', 'relu', 'relu6'] as const);
    if (turned) return { shapes: [[n, k], [m, k], bias], attrs: { activation }, flow: [0] };
    const transposeB = random.chance(0.5);
    return {
      shapes: [[m, k], transposeB ? [n, k] : [k, n], bias],
      attrs: { transposeA: false, transposeB, activation },
      flow: [1],
    };
  };

test('rows in pairs keep the laws of kernels through every block of columns', async () => {
  const backend = await wasm();
  const kernels = backend.kernels.filter(({ name }) => name.startsWith('twins-'));
  expect(new Set(kernels.map(({ op }) => op))).toEqual(new Set([linear, matmul]));
  for (const kernel of kernels)
    for (const law of kernelLaws(kernel, backend, tall(kernel.op === linear)))
      expect(await runLaw(law, { seed: 5, cases: 15 }), kernel.name).toBeUndefined();
  backend.dispose();
});
