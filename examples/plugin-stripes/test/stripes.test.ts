import { wasm } from '@lacuna/backend-wasm';
import { createEngine } from '@lacuna/engine';
import { assemble, bufferOf, printFormat, toDense } from '@lacuna/ir';
import { matmul } from '@lacuna/ops';
import { blocks } from '@lacuna/sparsifiers';
import { layoutLaws, printFailure, runLaw } from '@lacuna/testing';
import { describe, expect, test } from 'vitest';
import plugin, { stripes } from 'lacuna-layout-stripes';

describe('stripes', () => {
  for (const law of layoutLaws(stripes))
    test(law.name, async () => {
      const failure = await runLaw(law, { seed: 1, cases: 100 });
      expect(failure && printFailure(failure)).toBeUndefined();
    });

  test('stores what its drawing shows', () => {
    const t = assemble(stripes(2), [2, 6], [1, 2, 0, 0, 3, 0, 4, 5, 0, 0, 0, 6]);
    expect(Array.from(bufferOf(t.pattern, 0, 'crd'))).toEqual([0, 2]);
    expect(Array.from(t.values)).toEqual([1, 2, 4, 5, 3, 0, 0, 6]);
    expect(printFormat(t.format)).toBe('stripes(2)');
  });
});

describe('stripes-matmul', () => {
  const random = (size: number): number[] =>
    Array.from({ length: size }, (_, k) => Math.sin(k * k));

  for (const [m, k, n, width] of [
    [1, 1, 1, 1],
    [3, 5, 7, 2],
    [8, 16, 33, 4],
    [5, 9, 16, 64],
  ] as const)
    for (const activation of ['none', 'relu', 'relu6'] as const)
      test(`${m}×${k}×${n} in stripes of ${width}, ${activation}`, async () => {
        const engine = await createEngine(wasm(), { plugins: [plugin()], fallback: 'refuse' });
        const x = engine.tensor(random(k * n), [k, n]);
        const bias = engine.tensor(random(m), [m]);
        const half = blocks({ rows: m, columns: width, fraction: 0.5 });
        const w = await engine.sparsify(engine.tensor(random(m * k), [m, k]), half, stripes(width));
        const y = matmul(w, x, bias, { activation });
        expect(engine.explain(matmul, [w, x, bias], { activation })).toContain('stripes-matmul');

        const inputs = await Promise.all([w, x, bias].map((t) => engine.get(t)));
        const exact = matmul.spec.reference(inputs, { ...matmul.spec.defaults, activation });
        const got = toDense(await engine.get(y));
        got.forEach((value, at) => expect(value).toBeCloseTo(exact[at], 5));
        engine.dispose();
      });
});
