import { wasm } from '@lacuna/backend-wasm';
import { createEngine } from '@lacuna/engine';
import { readSafetensors, writeSafetensors } from '@lacuna/io';
import { assemble, bufferOf, dense, toDense } from '@lacuna/ir';
import { crossEntropy, matmul } from '@lacuna/ops';
import { reference } from '@lacuna/reference';
import { magnitude } from '@lacuna/sparsifiers';
import { cases, kernelLaws, layoutLaws, printFailure, runLaw, type Law } from '@lacuna/testing';
import { fit, mlp, sgd, sparsifyModel } from '@lacuna/train';
import { describe, expect, test } from 'vitest';
import plugin, { csb, matmulCsb } from 'lacuna-layout-csb';

const keeps = (laws: readonly Law[]): void => {
  for (const law of laws)
    test(law.name, async () => {
      const failure = await runLaw(law, { seed: 1, cases: 100 });
      expect(failure && printFailure(failure)).toBeUndefined();
    });
};
const numbers = [1, 0, 0, 2, 0, 3, 0, 0, 0, 0, 4, 0, 0, 0, 0, 5];

describe('csb', () => {
  keeps(layoutLaws(csb));

  test('is stored as its drawing shows', () => {
    const { pattern, values } = assemble(csb(2), [4, 4], numbers);
    const buffer = (level: number, role: 'pos' | 'crd') =>
      Array.from(bufferOf(pattern, level, role));
    expect([buffer(1, 'pos'), buffer(1, 'crd')]).toEqual([
      [0, 2, 3],
      [0, 1, 1],
    ]);
    expect([buffer(2, 'pos'), buffer(2, 'crd')]).toEqual([
      [0, 2, 3, 5],
      [0, 1, 0, 0, 1],
    ]);
    expect(buffer(3, 'crd')).toEqual([0, 1, 1, 0, 1]);
    expect(Array.from(values)).toEqual([1, 3, 2, 4, 5]);
  });

  test('is read back by those who have it, and by others', () => {
    const w = assemble(csb(2), [4, 4], numbers);
    const file = writeSafetensors({ w });
    const again = readSafetensors(file, { layouts: [csb] }).tensors.get('w')!;
    expect(again.format.layout).toBe(csb);
    expect(toDense(readSafetensors(file).tensors.get('w')!)).toEqual(toDense(w));
  });
});

describe('csb-matmul', async () => {
  const backend = await wasm();
  await backend.load([matmulCsb]);
  keeps(kernelLaws(matmulCsb, backend, cases.get(matmul)!));
});

describe.each([reference, wasm])('with the plug-in, %o', (backend) => {
  test('an engine prunes, multiplies and prints', async () => {
    const engine = await createEngine(backend(), { plugins: [plugin()] });
    const weight = engine.tensor(numbers, [4, 4]);
    const pruned = await engine.sparsify(weight, magnitude({ fraction: 0.875 }), csb(2));
    expect(pruned.toString()).toBe('csb(2) [4, 4] float32, 2 stored');
    const x = engine.tensor([1, 1, 1, 1], [4, 1]);
    expect(Array.from(await matmul(pruned, x).read())).toEqual([0, 0, 4, 5]);
    engine.dispose();
  });

  test('a network trains, its places stay', async () => {
    const engine = await createEngine(backend(), { plugins: [plugin()] });
    const model = sparsifyModel(mlp({ sizes: [4, 8, 2], seed: 1 }), [
      { weights: 'layers.0.weight', sparsifier: magnitude({ fraction: 0.5 }), layout: csb(4) },
    ]);
    const inputs = assemble(dense, [4, 4], numbers);
    const { losses, model: after } = await fit({
      engine,
      model,
      loss: crossEntropy,
      optimiser: sgd(),
      epochs: 20,
      batch: 4,
      rate: 0.1,
      data: { inputs, targets: assemble(dense, [4], [0, 1, 1, 0]) },
    });
    expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    expect(after.parameters['layers.0.weight']!.toString()).toBe(
      'csb(4) [8, 4] float32, 16 stored',
    );
    engine.dispose();
  });
});
