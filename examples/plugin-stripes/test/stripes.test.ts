import { wasm } from '@lacuna/backend-wasm';
import { createEngine } from '@lacuna/engine';
import { assemble, bufferOf, printFormat } from '@lacuna/ir';
import { matmul } from '@lacuna/ops';
import { blocks } from '@lacuna/sparsifiers';
import { cases, kernelLaws, layoutLaws, printFailure, runLaw, type Law } from '@lacuna/testing';
import { describe, expect, test } from 'vitest';
import plugin, { matmulStripes, stripes } from 'lacuna-layout-stripes';

const keeps = (laws: readonly Law[]): void => {
  for (const law of laws)
    test(law.name, async () => {
      const failure = await runLaw(law, { seed: 1, cases: 100 });
      expect(failure && printFailure(failure)).toBeUndefined();
    });
};

describe('stripes', () => {
  keeps(layoutLaws(stripes));

  test('are stored as their drawing shows', () => {
    const t = assemble(stripes(2), [2, 6], [1, 2, 0, 0, 3, 0, 4, 5, 0, 0, 0, 6]);
    expect(Array.from(bufferOf(t.pattern, 0, 'pos'))).toEqual([0, 2]);
    expect(Array.from(bufferOf(t.pattern, 0, 'crd'))).toEqual([0, 2]);
    expect(Array.from(t.values)).toEqual([1, 2, 4, 5, 3, 0, 0, 6]);
    expect(printFormat(t.format)).toBe('stripes(2)');
  });
});

describe('stripes-matmul', async () => {
  const backend = await wasm();
  await backend.load([matmulStripes]);
  keeps(kernelLaws(matmulStripes, backend, cases.get(matmul)!));
});

describe('the plug-in', () => {
  test('brings an engine the layout and its kernel', async () => {
    const engine = await createEngine(wasm(), { plugins: [plugin()], fallback: 'refuse' });
    const weight = engine.tensor([1, 2, 0, 0, 3, 0, 4, 5, 0, 0, 0, 6], [2, 6]);
    const wholeStripes = blocks({ rows: 2, columns: 2, fraction: 1 / 3 });
    const pruned = await engine.sparsify(weight, wholeStripes, stripes(2));
    const x = engine.tensor([1, 1, 1, 1, 1, 1], [6, 1]);
    expect(Array.from(await matmul(pruned, x).read())).toEqual([6, 15]);
    expect(engine.explain(matmul, [pruned, x])).toContain('stripes-matmul with stripes(2)');
    engine.dispose();
  });
});
