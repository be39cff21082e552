// onnxruntime-web's WebGPU provider: a session with the weights in the model, its input and output on the GPU.
import * as ort from 'onnxruntime-web/webgpu';
import { sameAdapter } from '../gpu/adapter.js';
import type { Input, Weights } from '../problem.js';
import { transpose, type Contender, type Peer } from './contender.js';
import { floatModel } from './onnx.js';

let started: Promise<GPUDevice> | undefined;

const settings = {
  executionProviders: ['webgpu'],
  preferredOutputLocation: 'gpu-buffer',
} as const;

/** Its device, which it destroys with the last session: this one stays. */
async function start(): Promise<GPUDevice> {
  await ort.InferenceSession.create(floatModel(1, 4, 4, new Float32Array(16)), settings);
  const device = await ort.env.webgpu.device;
  await sameAdapter(device);
  return device;
}

/** onnxruntime-web on the page's adapter; its .wasm files are served under `path`. */
export const onnxruntimeWebgpu = (path: string): Peer => ({
  name: 'ort-webgpu',
  version: '1.30.0',
  role: 'dense peer',
  make: (weights, input) => {
    ort.env.wasm.wasmPaths = path;
    ort.env.wasm.numThreads = 1;
    ort.env.logLevel = 'error';
    return session(weights, input);
  },
});

async function session({ m, k, numbers }: Weights, { n, numbers: x }: Input): Promise<Contender> {
  const gpu = await (started ??= start());
  const model = floatModel(n, k, m, transpose(numbers, m, k));
  const made = await ort.InferenceSession.create(model, settings);
  const buffer = gpu.createBuffer({
    size: x.byteLength,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
  });
  gpu.queue.writeBuffer(buffer, 0, transpose(x, k, n));
  const given = ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: [n, k] });
  return {
    run: async () => (await made.run({ x: given }))['y']!.dispose(),
    waits: true,
    settle: () => gpu.queue.onSubmittedWorkDone(),
    result: async () => {
      const y = (await made.run({ x: given }))['y']!;
      const numbers = (await y.getData(true)) as Float32Array;
      return transpose(numbers, n, m);
    },
    dispose: async () => {
      await made.release();
      buffer.destroy();
    },
  };
}
