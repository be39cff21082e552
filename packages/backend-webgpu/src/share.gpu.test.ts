// GPUBuffers of others go in, and results go out, on the device: no byte passes the host.
import { createEngine, type Engine } from '@lacuna/engine';
import { assemble, dense, GraphBuilder, SparseError } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { add, matmul, relu } from '@lacuna/ops';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layerOn } from '../../../examples/webgpu/share.js';
import { dawn, gpu } from '../test/dawn.js';
import { webgpu, type WebgpuBackend } from './index.js';

let device: GPUDevice;
let backend: WebgpuBackend;
let engine: Engine;

beforeAll(async () => {
  device = await (await gpu.requestAdapter())!.requestDevice();
  backend = await webgpu({ gpu, device });
  engine = await createEngine(backend, { fallback: 'refuse' });
});
afterAll(() => {
  engine.dispose();
  device.destroy();
});

const all = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
const made = (numbers: readonly number[], usage = all, at = 0, on = device): GPUBuffer => {
  const buffer = on.createBuffer({ size: Math.max(16, at + numbers.length * 4), usage });
  on.queue.writeBuffer(buffer, at, Float32Array.from(numbers));
  return buffer;
};
/** What a user of the device, who knows nothing of us, reads from a buffer. */
async function readAsOthers(buffer: GPUBuffer, offset: number, size: number): Promise<number[]> {
  const staging = device.createBuffer({
    size,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const numbers = [...new Float32Array(staging.getMappedRange())];
  staging.destroy();
  return numbers;
}
const refusal = async (run: () => unknown): Promise<SparseError> => {
  try {
    await run();
  } catch (error) {
    if (error instanceof SparseError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('a GPUBuffer of another library', () => {
  it('becomes a tensor without a copy, and stays its owner’s', async () => {
    const before = backend.memory.used;
    const buffer = made([1, -2, 3, -4, 5, -6]);
    const x = engine.adopt(backend.wrap(buffer, { size: 24 }), [2, 3]);
    backend.counters.reset();
    const y = relu(x);
    expect([...(await y.read())]).toEqual([1, 0, 3, 0, 5, 0]);
    expect(backend.counters.readbacks).toBe(1);
    device.queue.writeBuffer(buffer, 0, Float32Array.of(-1)); // what it holds now is what counts
    const z = relu(x);
    expect([...(await z.read())]).toEqual([0, 0, 3, 0, 5, 0]);
    for (const t of [x, y, z]) t.dispose();
    expect(backend.memory.used).toBe(before);
    expect(await readAsOthers(buffer, 0, 8)).toEqual([-1, -2]);
    buffer.destroy();
  });

  it('may be values of any pattern, and begin within the buffer', async () => {
    const { pattern } = assemble(csr, [2, 3], [1, 0, 2, 0, 3, 0]);
    const buffer = made([7, 8, 9], all, 256);
    const w = engine.adopt(backend.wrap(buffer, { offset: 256 }), [2, 3], { pattern });
    const x = engine.tensor([1, 1, 1], [3, 1]);
    expect([...(await matmul(w, x).read())]).toEqual([15, 9]);
    w.dispose();
    buffer.destroy();
  });

  it('is refused with what is missing in its usage', async () => {
    const buffer = made([1], GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST);
    const error = await refusal(() => backend.wrap(buffer));
    expect(error.code).toBe('unsupported');
    expect(error.detail['missing']).toEqual(['GPUBufferUsage.STORAGE']);
  });

  it('is refused where it is mapped, too small, or begins where nothing can be bound', async () => {
    const mapped = device.createBuffer({ size: 16, usage: all, mappedAtCreation: true });
    expect((await refusal(() => backend.wrap(mapped))).message).toContain('unmap');
    const small = made([1, 2, 3, 4]);
    expect((await refusal(() => backend.wrap(small, { size: 32 }))).code).toBe('capacity');
    expect((await refusal(() => backend.wrap(small, { offset: 4 }))).code).toBe('capacity');
    const short = await refusal(() => engine.adopt(backend.wrap(small), [5]));
    expect([short.code, short.message.includes('20 bytes')]).toEqual(['capacity', true]);
    const other = assemble(csr, [2, 3], [1, 0, 2, 0, 3, 0]).pattern;
    expect(
      (await refusal(() => engine.adopt(backend.wrap(small), [4], { pattern: other }))).code,
    ).toBe('shape');
  });

  it('of another device is told by the next call that waits', async () => {
    const stranger = await (await gpu.requestAdapter())!.requestDevice();
    const own = await dawn();
    const theirs = await createEngine(own);
    const x = theirs.adopt(own.wrap(made([1], all, 0, stranger)), [1]);
    const error = await refusal(() => x.read());
    expect([error.code, error.message.includes('webgpu({ device })')]).toEqual(['home', true]);
    theirs.dispose();
    stranger.destroy();
  });

  it('is not read and written by one kernel', async () => {
    const buffer = made([1, 2, 3, 4]);
    const block = backend.wrap(buffer);
    const kernel = backend.kernels.find((k) => k.op === relu)!;
    const pattern = assemble(dense, [4], [0, 0, 0, 0]).pattern;
    const type = {
      format: pattern.format,
      shape: [4],
      dtype: 'float32' as const,
      stored: 4,
      constant: false,
    };
    const operand = { ...type, pattern, values: block };
    const error = await refusal(() =>
      backend.bind(kernel, { op: relu, attrs: {}, inputs: [operand], output: operand }),
    );
    expect([error.code, error.message.includes('a GPUBuffer each')]).toEqual(['unsupported', true]);
  });
});

describe('a result as a GPUBuffer', () => {
  it('goes on to others, as the guide shows', async () => {
    const layer = await layerOn(device);
    const { y, range } = layer.run(made([1, 1, 1, 1]));
    expect(await readAsOthers(range.buffer, range.offset, range.size)).toEqual([11, 8]);
    y.dispose();
    layer.engine.dispose();
  });

  it('is there for whatever is submitted next', async () => {
    const y = add(engine.tensor([1, 2], [2]), engine.tensor([10, 20], [2]));
    backend.counters.reset();
    const { buffer, offset, size } = backend.bufferOf(y);
    expect(await readAsOthers(buffer, offset, size)).toEqual([11, 22]);
    expect(backend.counters.readbacks).toBe(0);
    y.dispose();
    expect((await refusal(() => backend.bufferOf(y))).code).toBe('disposed');
  });

  it('is refused of tensors that live elsewhere', async () => {
    expect((await refusal(() => backend.bufferOf(assemble(dense, [1], [1])))).code).toBe('home');
    const other = await createEngine(dawn());
    const x = other.tensor([1], [1]);
    expect((await refusal(() => backend.bufferOf(x))).code).toBe('home');
    other.dispose();
  });

  it('of a compiled graph is written and read in place: a replay moves nothing', async () => {
    const builder = new GraphBuilder();
    const x = builder.input('x', [2, 1], dense());
    const w = builder.constant(assemble(csr, [2, 2], [2, 0, 0, 3]));
    const compiled = engine.compile(builder.finish({ y: builder.apply(matmul, [w, x]) }));
    await backend.ready();
    const [from, to] = ['x', 'y'].map((name) => backend.bufferOf(compiled.blockOf(name)));
    device.queue.writeBuffer(from!.buffer, from!.offset, Float32Array.of(5, 7));
    compiled.replay();
    expect(await readAsOthers(to!.buffer, to!.offset, 8)).toEqual([10, 21]);
    expect((await refusal(() => compiled.blockOf('z'))).message).toContain('there are: x, y');
    compiled.dispose();
  });
});
