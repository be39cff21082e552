import { wasm } from '@lacuna/backend-wasm';
import { createEngine } from '@lacuna/engine';
import { readSafetensors, writeSafetensors } from '@lacuna/io';
import { assemble, bufferOf, printFormat, toDense } from '@lacuna/ir';
import { matmul } from '@lacuna/ops';
import { layoutLaws, printFailure, runLaw } from '@lacuna/testing';
import { describe, expect, test } from 'vitest';
import plugin, { __name__ } from '__package__';

const numbers = [1, 2, 0, 0, 3, 0, 4, 5, 0, 0, 0, 6];

describe('__name__', () => {
  for (const law of layoutLaws(__name__))
    test(law.name, async () => {
      const failure = await runLaw(law, { seed: 1, cases: 100 });
      expect(failure && printFailure(failure)).toBeUndefined();
    });

  test('is stored as its drawing shows', () => {
    const t = assemble(__name__(2), [2, 6], numbers);
    expect(Array.from(bufferOf(t.pattern, 0, 'crd'))).toEqual([0, 2]);
    expect(Array.from(t.values)).toEqual([1, 2, 4, 5, 3, 0, 0, 6]);
    expect(printFormat(t.format)).toBe('__name__(2)');
  });

  test('multiplies, though it has no kernel', async () => {
    const engine = await createEngine(wasm(), { plugins: [plugin()] });
    const w = engine.tensor(numbers, [2, 6], { layout: __name__(2) });
    const x = engine.tensor([1, 1, 1, 1, 1, 1], [6, 1]);
    expect(Array.from(await matmul(w, x).read())).toEqual([6, 15]);
    engine.dispose();
  });

  test('is read back by those who have it, and by others', () => {
    const w = assemble(__name__(2), [2, 6], numbers);
    const file = writeSafetensors({ w });
    const again = readSafetensors(file, { layouts: [__name__] }).tensors.get('w')!;
    expect(again.format.layout).toBe(__name__);
    expect(toDense(readSafetensors(file).tensors.get('w')!)).toEqual(toDense(w));
  });
});
