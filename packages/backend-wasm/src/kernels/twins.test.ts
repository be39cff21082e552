// Where columns go in several blocks, which the cases of products are too small for.
import { linear } from '@lacuna/ops';
import { kernelLaws, runLaw, type CaseMaker } from '@lacuna/testing';
import { expect, test } from 'vitest';
import { wasm } from '../index.js';

/** Few rows, and columns for one block or seven; `a` turned where the kernel wants that. */
const tall =
  (isLinear: boolean, transposeA: boolean): CaseMaker =>
  (random) => {
    const [m, k, n] = [random.extent(0, 9), random.whole(250, 1300), random.extent(0, 129)];
    const bias = random.chance(0.5) ? [m] : undefined;
    const activation = random.pick(['none', 'relu', 'relu6'] as const);
    if (isLinear) return { shapes: [[n, k], [m, k], bias], attrs: { activation }, flow: [0] };
    const transposeB = random.chance(0.5);
    return {
      shapes: [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n], bias],
      attrs: { transposeA, transposeB, activation },
      flow: [1],
    };
  };

test('rows in pairs keep the laws of kernels through every block of columns', async () => {
  const backend = await wasm();
  const kernels = backend.kernels.filter(({ name }) => /^twins|-ordered/.test(name));
  // A constant csr's two, each with X and Y in rows or in panels, two of a csr's transpose and a csc's one.
  expect(kernels).toHaveLength(11);
  for (const kernel of kernels) {
    const make = tall(kernel.op === linear, kernel.name.startsWith('csr-ordered'));
    for (const law of kernelLaws(kernel, backend, make))
      expect(await runLaw(law, { seed: 5, cases: 15 }), kernel.name).toBeUndefined();
  }
  backend.dispose();
});
