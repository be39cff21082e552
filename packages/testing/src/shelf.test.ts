import { reference } from '@lacuna/reference';
import { expect, test } from 'vitest';
import { backendLaws, layoutLaws, opLaws, runLaw, sparsifierLaws, type Law } from './index.js';
import { unaryCase } from './cases/elements.js';
import { soundKernels } from './shelf/kernels.js';
import { soundLayout } from './shelf/layouts.js';
import { soundOp } from './shelf/ops.js';
import { soundSparsifier } from './shelf/sparsifiers.js';
import { shelf } from './shelf.js';

const options = { seed: 1, cases: 60 };

test.each(shelf)('rejected: $name', async ({ laws, rejectedBy }) => {
  const law = laws.find(({ name }) => name === rejectedBy);
  expect(law, `no law is called "${rejectedBy}"`).toBeDefined();
  expect(await runLaw(law!, options)).toMatchObject({ law: rejectedBy });
});

const sound: readonly (readonly [string, readonly Law[]])[] = [
  ['layout', layoutLaws(soundLayout)],
  [
    'sparsifier',
    sparsifierLaws(
      () => soundSparsifier,
      () => ({ idempotent: true }),
    ),
  ],
  ['op', opLaws(soundOp, unaryCase)],
  ['backend', backendLaws((limit) => reference({ limit }))],
  ['product', soundKernels[0]!],
  ['convolution', soundKernels[1]!],
];
test.each(sound)('the %s that the broken ones are made from keeps every law', async (_, laws) => {
  for (const law of laws) expect(await runLaw(law, { seed: 2, cases: 40 })).toBeUndefined();
});
