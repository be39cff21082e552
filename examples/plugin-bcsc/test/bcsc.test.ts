// A layout without a kernel: everything works all the same.
import { wasm } from '@lacuna/backend-wasm';
import { assign, createEngine, gradients } from '@lacuna/engine';
import { readSafetensors, writeSafetensors } from '@lacuna/io';
import {
  assemble,
  bufferOf,
  printFormat,
  q8,
  quantised,
  toDense,
  type Backend,
  type Tensor,
} from '@lacuna/ir';
import { linear, matmul, multiply, scale, subtract, sum } from '@lacuna/ops';
import { reference } from '@lacuna/reference';
import { blocks } from '@lacuna/sparsifiers';
import { layoutLaws, printFailure, runLaw } from '@lacuna/testing';
import { describe, expect, test } from 'vitest';
import plugin, { bcsc } from 'lacuna-layout-bcsc';

describe('bcsc', () => {
  for (const law of layoutLaws(bcsc))
    test(law.name, async () => {
      const failure = await runLaw(law, { seed: 1, cases: 100 });
      expect(failure && printFailure(failure)).toBeUndefined();
    });

  test('is stored as its drawing shows', () => {
    const t = assemble(bcsc(2, 2), [4, 4], [1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 5, 6, 0, 0, 7, 8]);
    expect(Array.from(bufferOf(t.pattern, 1, 'pos'))).toEqual([0, 1, 2]);
    expect(Array.from(bufferOf(t.pattern, 1, 'crd'))).toEqual([0, 1]);
    expect(Array.from(t.values)).toEqual([1, 3, 2, 4, 5, 7, 6, 8]);
    expect(printFormat(t.format)).toBe('bcsc(2,2)');
  });
});

const backends: Record<string, () => Backend | Promise<Backend>> = { wasm, reference };

describe.each(Object.entries(backends))('on %s', (_, make) => {
  const numbers = Array.from({ length: 32 }, (_, at) => ((at * 7) % 11) - 5);

  test('it sparsifies, multiplies and converts', async () => {
    const engine = await createEngine(make(), { plugins: [plugin()], fallback: 'quiet' });
    const how = blocks({ rows: 2, columns: 2, fraction: 0.5 });
    const w = await engine.sparsify(engine.tensor(numbers, [4, 8]), how, bcsc(2, 2));
    expect(w.toString()).toBe('bcsc(2,2) [4, 8] float32, 16 stored');
    const x = Array.from({ length: 8 }, (_, at) => at - 3);
    const whole = toDense(await engine.get(w));
    const wanted = [0, 1, 2, 3].map((i) => x.reduce((y, v, j) => y + v * whole[i * 8 + j]!, 0));
    expect(Array.from(await matmul(w, engine.tensor(x, [8, 1])).read())).toEqual(wanted);
    expect(Array.from(await linear(engine.tensor(x, [1, 8]), w).read())).toEqual(wanted);
    expect(engine.explain(matmul, [w, engine.tensor(x, [8, 1])])).toContain('matmul');
    engine.dispose();
  });

  test('it trains in its own pattern', async () => {
    const engine = await createEngine(make(), { plugins: [plugin()], fallback: 'quiet' });
    const how = blocks({ rows: 2, columns: 2, fraction: 0.5 });
    const w = await engine.sparsify(engine.tensor(numbers, [4, 8]), how, bcsc(2, 2));
    const x = engine.tensor(numbers.map((v) => v / 5).slice(0, 24), [3, 8]);
    const target = engine.tensor(numbers.slice(0, 12), [3, 4]);
    const step = engine.compile((input: Tensor, wanted: Tensor) => {
      const error = subtract(linear(input, w), wanted);
      const loss = sum(multiply(error, error), { axes: [0, 1] });
      const [g] = gradients(loss, [w]);
      assign(w, subtract(w, scale(g, { factor: 0.01 })));
      return loss;
    });
    const losses: number[] = [];
    for (let at = 0; at < 40; at++) losses.push((await step(x, target).read())[0]!);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 4);
    expect(w.toString()).toBe('bcsc(2,2) [4, 8] float32, 16 stored');
    engine.dispose();
  });
});

test('it is saved and loaded, by readers who know it and by others, in a codec too', () => {
  const w = assemble(bcsc(2, 1), [3, 2], [1, 0, 2, 0, 0, 3]);
  const q = assemble(quantised(bcsc(2, 1), q8(2)), [3, 2], [1, 0, 2, 0, 0, 3]);
  const file = writeSafetensors({ w, q });
  const known = readSafetensors(file, { layouts: [bcsc] }).tensors;
  expect(known.get('w')!.format.layout).toBe(bcsc);
  expect(known.get('q')!.toString()).toBe('bcsc(2,1)+q8(2) [3, 2] float32, 4 stored');
  for (const { tensors } of [readSafetensors(file), readSafetensors(file, { layouts: [bcsc] })]) {
    expect(tensors.get('w')!.toString()).toBe('bcsc(2,1) [3, 2] float32, 4 stored');
    expect(toDense(tensors.get('w')!)).toEqual(toDense(w));
    expect(toDense(tensors.get('q')!)).toEqual(toDense(q));
  }
});
