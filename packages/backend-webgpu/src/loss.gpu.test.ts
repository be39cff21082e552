// Devices that are lost, full, or gone: each tells with a typed error, and another can be made.
import { createEngine } from '@lacuna/engine';
import { assemble, dense, GraphBuilder, SparseError, type Tensor } from '@lacuna/ir';
import { csc, csr } from '@lacuna/layouts';
import { matmul, relu } from '@lacuna/ops';
import { describe, expect, it } from 'vitest';
import { dawn, gpu } from '../test/dawn.js';
import { program, webgpu } from './index.js';

const codeOf = async (run: () => unknown): Promise<string> => {
  try {
    await run();
    return 'nothing';
  } catch (error) {
    if (error instanceof SparseError) return error.code;
    throw error;
  }
};

describe('a device that is lost', () => {
  it('makes every later use of its tensors an error that says so', async () => {
    const backend = await dawn();
    const engine = await createEngine(backend);
    const x = engine.tensor([1, -2], [2]);
    backend.device.destroy();
    await backend.device.lost;
    expect(await codeOf(() => relu(x))).toBe('device-lost');
    expect(await codeOf(() => x.read())).toBe('device-lost');
    expect(await codeOf(() => engine.tensor([1], [1]))).toBe('device-lost');
    engine.dispose();
  });

  it('in the middle of a read rejects it', async () => {
    const backend = await dawn();
    const engine = await createEngine(backend);
    const x = engine.tensor(new Float32Array(1 << 20), [1 << 20]);
    const read = codeOf(() => x.read());
    backend.device.destroy();
    expect(['device-lost', 'nothing']).toContain(await read);
    engine.dispose();
  });
});

describe('an engine whose device is lost', () => {
  it('goes on with another: tensors from their copies, compiled graphs and functions as before', async () => {
    const first = await dawn();
    const engine = await createEngine(first, { fallback: 'refuse' });
    const w = engine.tensor([2, 0, 0, 3], [2, 2], { layout: csr });
    const [x, gone] = [engine.tensor([1, 1], [2, 1]), engine.tensor([5], [1])];
    const builder = new GraphBuilder();
    const a = builder.input('a', [2, 1], dense());
    const graph = (c: Parameters<GraphBuilder['constant']>[0]) => {
      const b = new GraphBuilder();
      const input = b.input('a', [c.shape[1]!, 1], dense());
      return b.finish({ y: b.apply(matmul, [b.constant(c), input]) });
    };
    const onHost = builder.constant(assemble(csr, [2, 2], [1, 0, 0, 4]));
    const compiled = engine.compile(builder.finish({ y: builder.apply(matmul, [onHost, a]) }));
    const over = engine.compile(graph(w));
    const lone = engine.compile(graph(engine.tensor([6], [1, 1])));
    const done = engine.compile(graph(w));
    done.dispose();
    const layer = engine.compile((t: Tensor) => relu(matmul(w, t)));
    layer(x).dispose();
    const copies = await engine.copies([w, x]);
    first.device.destroy();
    await first.device.lost;
    // In the middle of a plan: what is asked of it from now on is refused with a type.
    expect(await codeOf(() => compiled.replay())).toBe('device-lost');
    expect(await codeOf(() => layer(x))).toBe('device-lost');
    const counted = await dawn();
    await engine.restore(counted, copies);
    expect([...(await x.read())]).toEqual([1, 1]);
    const y = layer(x);
    expect([...(await y.read())]).toEqual([2, 3]);
    expect([...(await compiled.run({ a: [1, 1] }))['y']!]).toEqual([1, 4]);
    expect([...(await over.run({ a: [1, 2] }))['y']!]).toEqual([2, 6]);
    for (const use of [() => gone.read(), () => relu(gone), () => lone.run({ a: [1] })])
      expect(await codeOf(use)).toBe('device-lost');
    expect(await codeOf(() => done.replay())).toBe('disposed');
    for (const each of [compiled, over, lone, layer]) each.dispose();
    for (const each of [w, x, gone, y]) each.dispose();
    expect(counted.memory.used).toBe(0);
    engine.dispose();
  });

  it('makes anew what kernels derived of a pattern', async () => {
    const first = await dawn();
    const engine = await createEngine(first, { fallback: 'refuse' });
    const [w, x] = [
      engine.tensor(
        Float32Array.from({ length: 128 * 128 }, (_, at) => (at % 5 === 0 ? at % 7 : 0)),
        [128, 128],
        { layout: csc },
      ),
      engine.tensor(new Float32Array(128 * 16).fill(1), [128, 16]),
    ];
    const calls = [() => matmul(w, x), () => matmul(w, x, { transposeA: true })];
    const read = (): Promise<number[][]> =>
      Promise.all(calls.map(async (call) => [...(await call().read())]));
    const before = await read();
    expect([...first.counters.programs.keys()]).toContain('any');
    const copies = await engine.copies();
    first.device.destroy();
    await first.device.lost;
    await engine.restore(dawn(), copies);
    expect(await read()).toEqual(before);
    engine.dispose();
  });

  it('destroyed while a plan runs, says so to whoever waits, and goes on after it is restored', async () => {
    const first = await dawn();
    const engine = await createEngine(first, { fallback: 'refuse' });
    const w = engine.tensor(new Float32Array(256 * 256).fill(0.5), [256, 256]);
    const copies = await engine.copies();
    const builder = new GraphBuilder();
    const a = builder.input('a', [256, 64], dense());
    const compiled = engine.compile(
      builder.finish({ y: builder.apply(matmul, [builder.constant(w), a]) }),
    );
    const given = { a: new Float32Array(256 * 64).fill(1) };
    await compiled.run(given);
    for (let round = 0; round < 20; round++) compiled.replay();
    const waiting = codeOf(() => compiled.run(given));
    first.device.destroy();
    expect(await waiting).toBe('device-lost');
    await first.device.lost;
    await engine.restore(dawn(), copies);
    expect((await compiled.run(given))['y']![0]).toBe(128);
    engine.dispose();
  });

  it('refuses copies that are of something else', async () => {
    const engine = await createEngine(dawn());
    const [x, y] = [engine.tensor([1], [1]), engine.tensor([1, 2], [2])];
    const wrong = new Map([[x, await engine.get(y)]]);
    expect(await codeOf(() => engine.restore(dawn(), wrong))).toBe('shape');
    expect([...(await y.read())]).toEqual([1, 2]);
    engine.dispose();
  });
});

describe('engines one after another', () => {
  it('come up, compute and go', async () => {
    for (let round = 0; round < 5; round++) {
      const engine = await createEngine(dawn());
      const y = relu(engine.tensor([1, -2, round], [3]));
      expect([...(await y.read())]).toEqual([1, 0, round]);
      engine.dispose();
      expect(await codeOf(() => engine.tensor([1], [1]))).toBe('disposed');
    }
  });

  it('leave a device alone that is not theirs', async () => {
    const adapter = await gpu.requestAdapter();
    const device = await adapter!.requestDevice();
    (await createEngine(webgpu({ gpu, device }))).dispose();
    const engine = await createEngine(webgpu({ gpu, device }));
    expect([...(await relu(engine.tensor([-1, 1], [2])).read())]).toEqual([0, 1]);
    engine.dispose();
    device.destroy();
  });
});

describe('what cannot be', () => {
  it('a page without WebGPU, an adapter that is not there, say so', async () => {
    await expect(webgpu()).rejects.toThrow(/no WebGPU|no adapter/);
    const none = { requestAdapter: () => Promise.resolve(null) } as Partial<GPU> as GPU;
    await expect(webgpu({ gpu: none })).rejects.toThrow(/offers no adapter/);
  });

  it('more memory than there is', async () => {
    const backend = await dawn({ memoryLimit: 2 ** 20 });
    expect(await codeOf(() => backend.memory.alloc(2 ** 21))).toBe('capacity');
    backend.dispose();
  });

  it('a shader that is none is an error at the next call', async () => {
    const backend = await dawn();
    const broken = program({
      name: 'broken',
      params: [],
      buffers: [],
      workgroup: [1, 1, 1],
      body: 'this is no WGSL',
    });
    backend.run([{ program: broken, params: [], buffers: [], workgroups: [1, 1, 1] }])();
    expect(await codeOf(() => backend.finish())).toBe('unsupported');
    backend.dispose();
  });
});
