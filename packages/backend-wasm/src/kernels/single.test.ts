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

test.each([
  ['rows by fours', 'lanes', 60],
  ['2:4 by eight rows', 'nm24', 120],
])(
  '%s keep the laws of kernels for one position',
  { timeout: 60_000 },
  async (_, family, count) => {
    const backend = await wasm();
    const kernels = backend.kernels.filter(({ name }) => name.startsWith(`${family}-`));
    expect(kernels).toHaveLength(2);
    for (const kernel of kernels)
      for (const law of kernelLaws(kernel, backend, single(kernel.op === linear)))
        expect(await runLaw(law, { seed: 3, cases: count }), kernel.name).toBeUndefined();
    backend.dispose();
  },
);
