import { wasm } from '@lacuna/backend-wasm';
import { createEngine, emit, gradients } from '@lacuna/engine';
import { assemble, dense, sparsify, toDense, type Tensor } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { sum } from '@lacuna/ops';
import { printFailure, runLaw, sparsifierLaws } from '@lacuna/testing';
import { describe, expect, test } from 'vitest';
import plugin, { __name__ } from '__package__';

describe('__name__', () => {
  const laws = sparsifierLaws(
    () => __name__(),
    () => ({ idempotent: true }),
  );
  for (const law of laws)
    test(law.name, async () => {
      const failure = await runLaw(law, { seed: 1, cases: 100 });
      expect(failure && printFailure(failure)).toBeUndefined();
    });

  test('keeps what its drawing shows, in any layout', () => {
    const w = assemble(dense, [1, 6], [3, 1, 2, -5, 4, 4]);
    for (const layout of [dense, csr])
      expect(Array.from(toDense(sparsify(w, __name__(), layout)))).toEqual([3, 0, 0, -5, 4, 0]);
  });

  test('lets what it dropped shrink', async () => {
    const engine = await createEngine(wasm(), { plugins: [plugin()] });
    const step = engine.compile((w: Tensor) => {
      const y = emit(w, { sparsify: __name__({ decay: 0.5 }) });
      return gradients(sum(y, { axes: [0, 1] }), [w])[0]!;
    });
    const w = engine.tensor([3, 1, 2, -5], [1, 4]);
    expect(Array.from(await step(w).read())).toEqual([1, 1.5, 2, 1]);
    engine.dispose();
  });
});
