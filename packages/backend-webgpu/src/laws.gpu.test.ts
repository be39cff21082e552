// The laws of backends, kernels and runs, on Dawn. Cases are few, so that all kernels have their turn; seeds
// change with LAWS_SEED, and LAWS_CASES asks for more.
import { createEngine } from '@lacuna/engine';
import type { Layout, Op } from '@lacuna/ir';
import { layouts } from '@lacuna/layouts';
import { densify, linear, matmul, relu, restrict, sparseSoftmax } from '@lacuna/ops';
import {
  backendLaws,
  cases,
  kernelLaws,
  printFailure,
  runLaw,
  runLaws,
  type Law,
} from '@lacuna/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { runOn } from '../../../tools/onengine.js';
import { prunedLaws } from '../../../tools/pruned.js';
import { dawn } from '../test/dawn.js';

const seed = Number(process.env['LAWS_SEED'] ?? 1);
const count = Number(process.env['LAWS_CASES'] ?? 8);

function keeps(laws: readonly Law[], most = count): void {
  for (const law of laws)
    it(law.name, async () => {
      const failure = await runLaw(law, { seed, cases: most });
      expect(failure && printFailure(failure)).toBeUndefined();
    });
}

const backend = await dawn();
afterAll(() => backend.dispose());

describe('the backend', () =>
  keeps(
    backendLaws((memoryLimit) => dawn({ memoryLimit })),
    2,
  ));

for (const kernel of backend.kernels) {
  const make = cases.get(kernel.op);
  if (make)
    describe(`${kernel.name} (${kernel.takes.map((l) => l.layoutName).join(', ')})`, () =>
      keeps(kernelLaws(kernel, backend, make)));
}

const shared = await dawn({ tiles: 'shared' });
afterAll(() => shared.dispose());
const joined = ['softmax', 'logSoftmax', 'layerNorm', 'rmsNorm', 'cumulativeSum'];
for (const name of ['dense-matmul', 'dense-linear', ...joined]) {
  const kernel = shared.kernels.find((k) => k.name === name)!;
  describe(`${name}, through workgroup memory`, () =>
    keeps(kernelLaws(kernel, shared, cases.get(kernel.op)!), count * 2));
}

const engine = await createEngine(dawn(), { fallback: 'refuse' });
afterAll(() => engine.dispose());

/** Any layout of ours in any place: kernels, or scatter and the dense kernel. */
const anywhere: readonly [Op, readonly (readonly Layout[])[]][] = [
  [matmul, [layouts, layouts]],
  [linear, [[], layouts]],
  [relu, [layouts]],
  [sparseSoftmax, [layouts]],
  [densify, [layouts]],
  [restrict, [layouts]],
];
for (const [op, places] of anywhere)
  describe(`an engine runs ${op.opName} on any layout without leaving the device`, () =>
    keeps(
      runLaws({
        op,
        layouts: places,
        make: cases.get(op)!,
        run: runOn(engine),
      }),
      count * 3,
    ));

for (const op of new Set(backend.kernels.filter((k) => 'inline' in k).map((k) => k.op)))
  if (cases.has(op))
    describe(`a sparsifier inside a kernel of ${op.opName}`, () =>
      keeps(prunedLaws(engine, op, cases.get(op)!), count * 3));
