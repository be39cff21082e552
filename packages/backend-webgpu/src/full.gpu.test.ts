// A device without memory for what is asked: SwiftShader refuses a buffer of the very size that it calls the largest.
import { createEngine } from '@lacuna/engine';
import { SparseError } from '@lacuna/ir';
import { matmul, relu } from '@lacuna/ops';
import { afterAll, describe, expect, it } from 'vitest';
import { counting } from '../test/counting.js';
import { gpu } from '../test/dawn.js';
import { webgpu } from './index.js';

const adapter = (await gpu.requestAdapter())!;
const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
const { device, counts } = counting(
  await adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } }),
);
const backend = await webgpu({ gpu, device });
const engine = await createEngine(backend, { fallback: 'refuse' });
afterAll(() => engine.dispose());

/** What the device itself says of a buffer. */
async function refuses(size: number): Promise<boolean> {
  device.pushErrorScope('out-of-memory');
  const buffer = device.createBuffer({ size, usage: 0x80 });
  const error = await device.popErrorScope();
  buffer.destroy();
  return error !== null;
}
const isFull = await refuses(maxBufferSize);
const failureOf = (run: Promise<unknown>): Promise<SparseError | undefined> =>
  run.then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof SparseError) return error;
      throw error;
    },
  );

// Where there is memory for all that a buffer may have, no device says that there is none.
describe.runIf(isFull)('a device that is out of memory', () => {
  const { memory } = backend;

  it('says so at the next call that waits; then all is as before, and nothing is kept', async () => {
    const [x, { used }] = [engine.tensor([-1, 2], [2]), memory];
    for (let round = 0; round < 5; round++) {
      const waiting = relu(x);
      const block = memory.alloc(maxBufferSize);
      const error = await failureOf(backend.finish());
      expect(error?.code).toBe('capacity');
      expect(error?.message).toMatch(/the GPU is out of memory/);
      expect(error?.hint).toMatch(/dispose/);
      memory.free(block);
      expect([...(await waiting.read())]).toEqual([0, 2]);
      waiting.dispose();
      await backend.finish();
      expect(memory.used).toBe(used);
    }
    x.dispose();
  });

  it('also where the block is given back before the device has said it', async () => {
    memory.free(memory.alloc(maxBufferSize));
    const again = memory.alloc(maxBufferSize); // the same buffer
    const before = counts.createBuffer;
    expect((await failureOf(backend.finish()))?.code).toBe('capacity');
    memory.free(again);
    await backend.finish();
    const third = memory.alloc(maxBufferSize);
    expect(counts.createBuffer).toBe(before + 1);
    expect((await failureOf(backend.finish()))?.code).toBe('capacity');
    memory.free(third);
    await backend.finish();
  });

  it('says so where a result has no place, and where it is read', async () => {
    const side = Math.sqrt(maxBufferSize / 4);
    const numbers = new Float32Array(side).fill(2);
    const { used } = memory;
    const [a, b] = [engine.tensor(numbers, [side, 1]), engine.tensor(numbers, [1, side])];
    const small = relu(a);
    const y = matmul(a, b);
    expect((await failureOf(y.read()))?.code).toBe('capacity');
    expect((await failureOf(y.read()))?.message).toMatch(/out of memory when this was made/);
    y.dispose();
    expect(await small.read()).toEqual(numbers);
    const product = matmul(b, a);
    expect([...(await product.read())]).toEqual([4 * side]);
    for (const t of [a, b, small, product]) t.dispose();
    await backend.finish();
    expect(memory.used).toBe(used);
  });

  it('takes down nothing but what was computed beside it, where nobody waits for that', async () => {
    const side = Math.sqrt(maxBufferSize / 4);
    const a = engine.tensor(new Float32Array(side).fill(2), [side, 1]);
    const y = matmul(a, a, { transposeB: true });
    expect((await failureOf(backend.finish()))?.code).toBe('capacity');
    const z = relu(a);
    expect((await z.read())[0]).toBe(2);
    expect(() => backend.bufferOf(y)).toThrow(/out of memory when this was made/);
    for (const t of [a, y, z]) t.dispose();
    await backend.finish();
  });
});
