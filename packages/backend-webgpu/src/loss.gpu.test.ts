// Devices that are lost, full, or gone: each tells with a typed error, and another can be made.
import { createEngine } from '@lacuna/engine';
import { SparseError } from '@lacuna/ir';
import { relu } from '@lacuna/ops';
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
