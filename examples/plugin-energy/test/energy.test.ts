import { wasm } from '@lacuna/backend-wasm';
import { createEngine, emit, gradients } from '@lacuna/engine';
import { assemble, dense, sparsify, toDense, type Tensor } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { multiply, sum } from '@lacuna/ops';
import { printFailure, runLaw, sparsifierLaws } from '@lacuna/testing';
import { describe, expect, test } from 'vitest';
import plugin, { energy } from 'lacuna-sparsifier-energy';

describe('energy', () => {
  for (const law of sparsifierLaws((random) => energy({ share: random.pick([0, 0.5, 0.9, 1]) })))
    test(law.name, async () => {
      const failure = await runLaw(law, { seed: 1, cases: 100 });
      expect(failure && printFailure(failure)).toBeUndefined();
    });

  test('keeps what its drawing shows, and prints', () => {
    const w = assemble(dense, [2, 4], [3, 0, -4, 1, 2, 2, 2, 2]);
    const pruned = sparsify(w, energy({ share: 0.9 }), csr);
    expect(Array.from(toDense(pruned))).toEqual([3, 0, -4, 0, 2, 2, 2, 2]);
    expect(energy({ share: 0.9 }).print()).toBe(
      'energy(share=0.9, leak=0.5, backward=annealed:0.5)',
    );
  });

  test('lets a part of the gradient through to what it dropped', async () => {
    const engine = await createEngine(wasm(), { plugins: [plugin()] });
    const step = engine.compile((w: Tensor, c: Tensor) => {
      const y = emit(w, { sparsify: energy({ share: 0.9, leak: 0.25 }) });
      return gradients(sum(multiply(y, c), { axes: [0, 1] }), [w])[0]!;
    });
    const w = engine.tensor([3, 0, -4, 1], [1, 4]);
    const c = engine.tensor([1, 2, 3, 4], [1, 4]);
    expect(Array.from(await step(w, c).read())).toEqual([1, 0.5, 3, 1]);
    engine.dispose();
  });
});
