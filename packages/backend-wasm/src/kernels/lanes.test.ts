// One position, which few of the cases of products have.
import { linear } from '@lacuna/ops';
import { kernelLaws, runLaw, type CaseMaker } from '@lacuna/testing';
import { expect, test } from 'vitest';
import { wasm } from '../index.js';

const single =
  (isLinear: boolean): CaseMaker =>
  (random) => {
    const [m, k] = [random.extent(0, 40), random.extent(0, 130)];
    const bias = random.chance(0.5) ? [m] : undefined;
    const activation = random.pick(['none', 'relu', 'relu6'] as const);
    if (isLinear) return { shapes: [[1, k], [m, k], bias], attrs: { activation }, flow: [0] };
    const transposeB = random.chance(0.5);
    const attrs = { transposeA: false, transposeB, activation };
    return { shapes: [[m, k], transposeB ? [1, k] : [k, 1], bias], attrs, flow: [1] };
  };

test('rows by fours keep the laws of kernels for one position', async () => {
  const backend = await wasm();
  const kernels = backend.kernels.filter(({ name }) => name.startsWith('lanes'));
  expect(kernels).toHaveLength(2);
  for (const kernel of kernels)
    for (const law of kernelLaws(kernel, backend, single(kernel.op === linear)))
      expect(await runLaw(law, { seed: 3, cases: 60 }), kernel.name).toBeUndefined();
  backend.dispose();
});
