// Optimisers on the device: their formulas over stored values are a few runs of `fused`, with the bits of a run an op.
import { assign, createEngine } from '@lacuna/engine';
import { assemble, dense, restricted, type FormatLike, type Tensor } from '@lacuna/ir';
import { adam, adamW, sgd, type Optimiser, type Updated } from '@lacuna/lacuna';
import { bcsr, csr } from '@lacuna/layouts';
import { afterAll, describe, expect, it } from 'vitest';
import { counting } from '../test/counting.js';
import { gpu } from '../test/dawn.js';
import { webgpu } from './index.js';

const adapter = await gpu.requestAdapter();
const { device, counts } = counting(await adapter!.requestDevice());
const backend = await webgpu({ gpu, device });
const engine = await createEngine(backend, { fallback: 'refuse' });
afterAll(() => engine.dispose());

const optimisers: readonly [Optimiser, number][] = [
  [sgd(), 1],
  [sgd({ momentum: 0.9, decay: 0.01, nesterov: true }), 3],
  [adam(), 3],
  [adam({ decay: 0.01 }), 4],
  [adamW({ decay: 0.01 }), 3],
];
const layouts: readonly [string, FormatLike | undefined][] = [
  ['dense', undefined],
  ['csr', csr],
  ['row groups', bcsr(4, 1)],
];
const shape = [24, 20];
const kept = (at: number): boolean => at % 20 < 7 && Math.floor(at / 80) % 2 === 0;
const numbers = (seed: number): Float32Array =>
  Float32Array.from({ length: 24 * 20 }, (_, at) => (kept(at) ? Math.sin(at * seed) + 1.5 : 0));

describe.each(layouts)('an optimiser over %s', (_, layout) => {
  it.each(optimisers.map(([how, runs]) => [how.print(), how, runs] as const))(
    '%s',
    async (__, how, runs) => {
      const { pattern } = assemble(layout ?? dense, shape, numbers(1));
      const put = (seed: number): Tensor =>
        engine.put(restricted(assemble(dense, shape, numbers(seed)), pattern));
      const [w, gradient] = [put(1), put(2)];
      const moments = Object.fromEntries(how.moments.map((name, k) => [name, put(3 + k)]));
      const given = Object.entries(how.numbers(3)).map(([name, x]) => [
        name,
        engine.tensor([x], []),
      ]);
      const scalars = Object.fromEntries(given) as Record<string, Tensor>;
      const rate = engine.tensor([0.125], []);
      const update = (g: Tensor, by: Tensor, of: Readonly<Record<string, Tensor>>): Updated =>
        how.update({ parameter: w, gradient: g, moments, rate: by, numbers: of });
      const apart = update(gradient, rate, scalars);
      const wanted = [apart.parameter, ...Object.values(apart.moments)];
      const before = await Promise.all(wanted.map((t) => t.read()));
      for (const t of wanted) t.dispose();
      const step = engine.compile((g: Tensor, by: Tensor, of: Readonly<Record<string, Tensor>>) => {
        const { parameter, moments: after } = update(g, by, of);
        assign(w, parameter);
        for (const [name, moment] of Object.entries(after)) assign(moments[name]!, moment);
      });
      step(gradient, rate, scalars);
      const after = await Promise.all([w, ...Object.values(moments)].map((t) => t.read()));
      expect(after).toEqual(before);
      const kernels = [...step.explain().matchAll(/^run [^:]*: (\S+)/gm)].map(([, name]) => name);
      expect(kernels).toEqual(Array.from({ length: runs }, () => 'fused'));
      const [made, { used }] = [{ ...counts }, backend.memory];
      for (let round = 0; round < 1000; round++) {
        step(gradient, rate, scalars);
        if (round % 250 === 0) await backend.finish();
      }
      await backend.finish();
      for (const call of ['createBuffer', 'createBindGroup', 'mapAsync'] as const)
        expect([call, counts[call] - made[call]]).toEqual([call, 0]);
      expect(backend.memory.used).toBe(used);
      for (const t of [
        w,
        gradient,
        rate,
        step,
        ...Object.values(moments),
        ...Object.values(scalars),
      ])
        t.dispose();
    },
  );
});
