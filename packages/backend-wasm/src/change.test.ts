// Changes of layout in linear memory: the host's bits on 1, 2 and 7 threads, and no room.
import { assemble, dense } from '@lacuna/ir';
import { bcsr, csr, nm, nmg } from '@lacuna/layouts';
import { changeLaws, runLaw } from '@lacuna/testing';
import { expect, test } from 'vitest';
import { makeBackend } from './backend.js';
import { plain } from './generated/plain.js';
import { relaxed } from './generated/relaxed.js';
import { bestVariant, compileOurs, inflated } from './module.js';

const mebibyte = 2 ** 20;
const layouts = [dense, csr, bcsr, nmg];

for (const [variant, texts] of [
  ['plain', plain],
  ['relaxed', relaxed],
] as const)
  for (const threads of [1, 2, 7])
    test.runIf(variant === 'plain' || bestVariant() === 'relaxed')(
      `changes of layout keep the laws on ${threads} threads, ${variant}`,
      async () => {
        const compile = compileOurs(variant, (family) => inflated(texts[family]));
        const options = { threads, memoryLimit: 16 * mebibyte };
        const backend = await makeBackend({ compile, variant }, options, { always: true });
        for (const law of changeLaws(backend, layouts))
          expect(await runLaw(law, { seed: 3, cases: 60 })).toBeUndefined();
        backend.dispose();
      },
    );

test('what no kernel makes is left to the host', async () => {
  const compile = compileOurs('plain', (family) => inflated(plain[family]));
  const all = await makeBackend({ compile, variant: 'plain' }, {});
  const core = await makeBackend({ compile, variant: 'plain', families: ['core'] }, {});
  const { pattern, values } = assemble(dense, [2, 2], [1, 0, 0, 2]);
  for (const [backend, format] of [
    [all, nm(1, 2)],
    [core, csr()],
  ] as const) {
    const block = backend.memory.alloc(values.byteLength);
    const type = { shape: pattern.shape, dtype: 'float32', stored: 4, constant: false } as const;
    const operand = { ...type, format: pattern.format, pattern, values: block };
    expect(backend.change(operand, format)).toBeUndefined();
    backend.dispose();
  }
});
