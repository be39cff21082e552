// 2:4 along the inputs for one position: rows that are no multiple of a thread's four, and K of one step and of many.
import { assemble, dense, encoded, q8, sparsify } from '@lacuna/ir';
import { nm } from '@lacuna/layouts';
import { matmul } from '@lacuna/ops';
import { nmMagnitude } from '@lacuna/lacuna';
import { boundOf, claim, claimWithin, launch } from '@lacuna/testing';
import { afterAll, expect, it } from 'vitest';
import { dawn } from '../test/dawn.js';
import { inPairs } from './kernels/nmpairs.js';

const backend = await dawn();
afterAll(() => backend.dispose());

it.each([
  [1, 32],
  [4, 64],
  [5, 96],
  [7, 32],
  [260, 160],
])('%i rows of %i', async (m, k) => {
  const numbers = Float32Array.from({ length: m * k }, (_, at) => Math.sin(at * at));
  const params = { n: 2, m: 4, along: 1 };
  const plain = sparsify(assemble(dense(), [m, k], numbers), nmMagnitude(params), nm(params));
  const kernel = backend.kernels.find(({ name }) => name === 'nm-matmul')!;
  const x = assemble(
    dense(),
    [k, 1],
    Float32Array.from({ length: k }, (_, at) => Math.cos(at)),
  );
  const bias = assemble(dense(), [m], numbers.subarray(0, m));
  for (const w of [plain, encoded(plain, q8(4))]) {
    expect(inPairs(w)).toBe(true);
    const inputs = [w, x, bias];
    const launched = await launch(backend, kernel, inputs, matmul.spec.defaults);
    claim(launched!.unwritten < 0, `number ${launched!.unwritten} is not written`);
    claim(launched!.trespass === undefined, `it writes outside: ${launched!.trespass}`);
    claimWithin(launched!.numbers, boundOf(matmul, inputs, matmul.spec.defaults), w.toString());
  }
});
