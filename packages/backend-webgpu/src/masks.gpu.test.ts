// Sparsifiers on the device: the bits of those on the host, and no way off the device in a plan.
import { createEngine, emit } from '@lacuna/engine';
import { sizeOf, toDense, type Sparsifier, type Tensor } from '@lacuna/ir';
import {
  blocks,
  butterfly,
  keep,
  random,
  magnitude,
  nmgMagnitude,
  nmMagnitude,
  scored,
  threshold,
  transposableNm,
  vnmMagnitude,
} from '@lacuna/lacuna';
import { mask, matmul, relu } from '@lacuna/ops';
import { cases, kernelLaws, printFailure, Random, runLaw } from '@lacuna/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { counting } from '../test/counting.js';
import { dawn, gpu } from '../test/dawn.js';
import { webgpu } from './index.js';

const seed = Number(process.env['LAWS_SEED'] ?? 1);
const adapter = await gpu.requestAdapter();
const { device, counts } = counting(await adapter!.requestDevice());
const backend = await webgpu({ gpu, device });
const engine = await createEngine(backend, { fallback: 'refuse' });
afterAll(() => engine.dispose());

const chance = new Random(seed, 1);
/** Few numbers, so that many are equal; or any. */
function numbers(shape: readonly number[], few: boolean): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, () =>
    few ? chance.whole(-2, 2) : chance.next() * 2 - 1,
  );
}

const shapes = [
  [3, 5],
  [16, 8],
  [64, 300],
  [7, 2049],
  [1, 9000],
] as const;
const all: readonly Sparsifier[] = [
  keep(),
  threshold({ value: 0.25 }),
  threshold({ value: 0.1, per: 'tensor' }),
  threshold({ value: 1, per: 'row' }),
  magnitude({ fraction: 0.9 }),
  magnitude({ fraction: 0 }),
  magnitude({ fraction: 1 }),
  magnitude({ count: 3, per: 'row' }),
  magnitude({ fraction: 0.5, per: 'column' }),
  magnitude({ fraction: 0.75, per: 'group', group: 5 }),
  nmMagnitude({ n: 2, m: 4 }),
  nmMagnitude({ n: 1, m: 16, along: 0 }),
  nmMagnitude({ n: 3, m: 100 }),
  nmgMagnitude({ n: 1, m: 2, g: 2, mode: 'greedy' }),
  blocks({ rows: 4, columns: 1, fraction: 0.75 }),
  blocks({ rows: 2, columns: 5, fraction: 0.5 }),
  blocks({ rows: 1, columns: 2, fraction: 0 }),
  blocks({ rows: 3, columns: 3, fraction: 1 }),
  random({ fraction: 0.75, seed: 7 }),
  transposableNm({ n: 2, m: 4 }),
  transposableNm({ n: 1, m: 3 }),
  transposableNm({ n: 3, m: 8 }),
  vnmMagnitude({ v: 4, n: 2, m: 8 }),
  vnmMagnitude({ v: 7, n: 1, m: 5 }),
  vnmMagnitude({ v: 64, n: 3, m: 300 }),
  butterfly({ block: 2, size: 8, factors: 2 }),
  nmgMagnitude({ n: 2, m: 4, g: 8, mode: 'greedy' }),
  nmgMagnitude({ n: 1, m: 8, g: 4, along: 1, group: 0, mode: 'greedy' }),
];

describe('a mask of the device is that of the host', () => {
  it.each(all.map((how) => [how.print(), how] as const))('%s', async (_, how) => {
    for (const shape of shapes)
      for (const few of [true, false]) {
        const x = numbers(shape, few);
        const given = engine.tensor(x, shape);
        const kept = mask(given, { how });
        expect(toDense(await engine.get(kept))).toEqual(Float32Array.from(how.keep(x, shape)));
        for (const t of [given, kept]) t.dispose();
      }
  });

  it('but for NaN where a number is not finite, which the host refuses', async () => {
    const x = numbers([4, 600], false);
    const bad = new Map([
      [3, NaN],
      [700, Infinity],
      [2000, -Infinity],
    ]);
    for (const [at, value] of bad) x[at] = value;
    const given = engine.tensor(x, [4, 600]);
    for (const how of all.slice(1).filter(({ rule }) => rule?.keeps !== 'fixed')) {
      expect(() => how.keep(x, [4, 600])).toThrow(/is NaN|Infinity/);
      const kept = mask(given, { how });
      const found = toDense(await engine.get(kept));
      found.forEach((m, at) =>
        expect([how.print(), at, Number.isNaN(m)]).toEqual([how.print(), at, bad.has(at)]),
      );
      kept.dispose();
    }
    given.dispose();
  });

  it('and what has no rule is refused, with what to do', () => {
    const own = scored({ name: 'own', fraction: 0.5, score: ({ weight }) => weight });
    const x = engine.tensor([1, 2], [2]);
    expect(() => mask(x, { how: own })).toThrow(/mask on webgpu/);
    x.dispose();
  });
});

describe('a plan that prunes', () => {
  it.each(all.map((how) => [how.print(), how] as const))(
    'reads nothing back and makes nothing: %s',
    async (_, how) => {
      const given = engine.tensor(numbers([64, 300], true), [64, 300]);
      const run = engine.compile((x: Tensor) => emit(relu(x), { sparsify: how }));
      const first = run(given);
      await backend.finish();
      const [before, { used }] = [{ ...counts }, backend.memory];
      for (let round = 0; round < 50; round++) run(given).dispose();
      await backend.finish();
      expect(counts.mapAsync).toBe(before.mapAsync);
      expect(counts.createBindGroup).toBe(before.createBindGroup);
      expect(counts.createBuffer - before.createBuffer).toBeLessThanOrEqual(1);
      expect(backend.memory.used).toBe(used);
      for (const t of [first, given, run]) t.dispose();
    },
  );
});

describe('a threshold', () => {
  it('is inside the kernel before it: no mask is formed', () => {
    const w = engine.tensor(numbers([8, 8], false), [8, 8]);
    const how = threshold({ value: 0.5 });
    const run = engine.compile((t: Tensor) => emit(relu(matmul(w, t)), { sparsify: how }));
    const given = engine.tensor(numbers([8, 4], false), [8, 4]);
    run(given).dispose();
    const kernels = [...run.explain().matchAll(/^run [^:]*: (\S+)/gm)].map(([, name]) => name);
    expect(kernels).toEqual(['dense-matmul']);
    for (const t of [w, given, run]) t.dispose();
  });
});

describe('the kernel of masks', async () => {
  const plain = await dawn();
  afterAll(() => plain.dispose());
  const kernel = plain.kernels.find(({ op }) => op === mask)!;
  for (const law of kernelLaws(kernel, plain, cases.get(mask)!))
    it(law.name, async () => {
      const failure = await runLaw(law, { seed, cases: 100 });
      expect(failure && printFailure(failure)).toBeUndefined();
    });
});
