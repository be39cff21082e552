// What a plan may cost: counted on the device itself, by a stand-in that passes every call on.
import { createEngine, type Compiled, type Engine } from '@lacuna/engine';
import { assemble, dense, GraphBuilder } from '@lacuna/ir';
import { bcsr, csr } from '@lacuna/layouts';
import { linear, matmul, relu } from '@lacuna/ops';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { counting, type Counts } from '../test/counting.js';
import { gpu } from '../test/dawn.js';
import { webgpu, type WebgpuBackend } from './index.js';

let counts: Counts;
let backend: WebgpuBackend;
let engine: Engine;
let compiled: Compiled;

beforeAll(async () => {
  const adapter = await gpu.requestAdapter();
  const counted = counting(await adapter!.requestDevice());
  counts = counted.counts;
  backend = await webgpu({ gpu, device: counted.device });
  engine = await createEngine(backend, { fallback: 'refuse' });
  const builder = new GraphBuilder();
  const numbers = Float32Array.from({ length: 64 * 48 }, (_, at) => (at % 3 === 0 ? at % 7 : 0));
  const x = builder.input('x', [48, 20], dense());
  const w = [csr, bcsr(4, 1), dense].map((layout, at) =>
    builder.constant(assemble(layout, [48, 48], numbers.slice(at, at + 48 * 48))),
  );
  let y = x;
  for (const each of w) y = builder.apply(relu, [builder.apply(matmul, [each, y])]);
  compiled = engine.compile(builder.finish({ y }));
  await compiled.run({ x: new Float32Array(48 * 20).fill(1) });
});
afterAll(() => engine.dispose());

describe('a compiled plan', () => {
  it('is one submission, without readbacks, new buffers or new bind groups', () => {
    const before = { ...counts };
    compiled.replay();
    expect(counts.submit - before.submit).toBe(1);
    expect(counts.createCommandEncoder - before.createCommandEncoder).toBe(1);
    for (const call of [
      'mapAsync',
      'createBuffer',
      'createBindGroup',
      'createComputePipeline',
    ] as const)
      expect([call, counts[call] - before[call]]).toEqual([call, 0]);
  });

  it('is profiled by work that was done: each step is sent and waited for', async () => {
    const before = counts.submit;
    const ms = await compiled.profile(3);
    expect(ms.length).toBe(compiled.plan.steps.length);
    expect(counts.submit - before).toBe(3 * ms.length);
  });

  it('leaves nothing behind after ten thousand replays', async () => {
    const before = { ...counts };
    const { used } = backend.memory;
    for (let round = 0; round < 10_000; round++) {
      compiled.replay();
      if (round % 500 === 0) await backend.finish();
    }
    await backend.finish();
    expect(counts.createBuffer).toBe(before.createBuffer);
    expect(counts.createBindGroup).toBe(before.createBindGroup);
    expect(backend.memory.used).toBe(used);
  });
});

describe('eager calls', () => {
  it('use pooled buffers: a thousand of them create no more than the first', async () => {
    const x = engine.tensor(new Float32Array(8 * 32).fill(1), [8, 32]);
    const w = engine.tensor(new Float32Array(16 * 32).fill(2), [16, 32], { layout: bcsr(4, 1) });
    for (let round = 0; round < 3; round++) linear(x, w).dispose();
    await backend.finish();
    const { used } = backend.memory;
    const before = { ...counts };
    for (let round = 0; round < 1000; round++) linear(x, w).dispose();
    await backend.finish();
    expect(counts.createBuffer).toBe(before.createBuffer);
    expect(backend.memory.used).toBe(used);
    x.dispose();
    w.dispose();
  });
});
