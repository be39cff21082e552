// Families by themselves: a kernel runs on the binaries that it names, and on no others.
import { cases, kernelLaws, runLaw } from '@lacuna/testing';
import { describe, expect, test } from 'vitest';
import { wasm as external } from './external.js';
import { families, type Family } from './families.js';
import { files } from './files.js';
import { wasm } from './index.js';
import { kernelsOf } from './kernels/index.js';

/** The least that lets each kernel in: one family, or several where one is not enough. */
const groups: readonly (readonly Family[])[] = [
  ...families.map((family) => [family]),
  ['conv', 'dense'],
  ['conv', 'dense', 'ops'],
];

test('every kernel is there with one family, or with those of convolutions', () => {
  const some = new Set(groups.flatMap(kernelsOf));
  expect(kernelsOf(families).filter((kernel) => !some.has(kernel))).toEqual([]);
});

describe.each(groups.map((group) => [group.join(' and '), group] as const))(
  'with %s',
  (_, group) => {
    test('kernels keep their laws', { timeout: 60_000 }, async () => {
      const backend = await wasm({ families: group });
      for (const kernel of backend.kernels.filter(({ op }) => cases.has(op)))
        for (const law of kernelLaws(kernel, backend, cases.get(kernel.op)!))
          expect(await runLaw(law, { seed: 2, cases: 5 }), kernel.name).toBeUndefined();
      backend.dispose();
    });
  },
);

test('files have the same kernels, and only those asked for are opened', async () => {
  const opened: Family[] = [];
  const [inlined, fetched] = await Promise.all([
    wasm({ families: ['rows'] }),
    external({
      families: ['rows'],
      wasm: (family) => (opened.push(family), files.plain()[family]),
      variant: 'plain',
    }),
  ]);
  expect(opened).toEqual(['core', 'rows']);
  expect(Object.keys(fetched.exports).sort()).toEqual(Object.keys(inlined.exports).sort());
  expect(Object.keys((await external()).exports)).toEqual(Object.keys((await wasm()).exports));
});

test('a family that there is not is refused', async () => {
  await expect(wasm({ families: ['sparse' as Family] })).rejects.toThrow(
    /no family of kernels "sparse"[^]*core, dense, rows/,
  );
});
