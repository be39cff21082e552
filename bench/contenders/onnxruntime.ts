// onnxruntime-web: a session with the weights in the model, run as its users run it.
import * as ort from 'onnxruntime-web';
import type { Input } from '../problem.js';
import { transpose, type Contender, type Peer } from './contender.js';
import { floatModel, int8Model } from './onnx.js';

const version = '1.30.0';

/** Where its .wasm files are, in a browser. */
export function serveFrom(path: string): void {
  ort.env.wasm.wasmPaths = path;
}

/** onnxruntime-web, MatMul in float32. */
export const onnxruntime: Peer = {
  name: 'onnxruntime-web',
  version,
  role: 'dense peer',
  make: ({ m, k, numbers }, input, threads) =>
    session(floatModel(input.n, k, m, transpose(numbers, m, k)), m, input, threads),
};

/** onnxruntime-web, dynamic quantisation to 8 bits. */
export const onnxruntimeInt8: Peer = {
  name: 'onnxruntime-web int8',
  version,
  role: 'int8 peer',
  async make({ m, k, numbers }, input, threads) {
    const step = largest(numbers) / 127;
    const w = Int8Array.from(numbers, (v) => Math.round(v / step));
    const turned = Int8Array.from(transpose(w, m, k));
    const contender = await session(int8Model(input.n, k, m, turned, step), m, input, threads);
    const x = quantised(input.numbers);
    return {
      ...contender,
      stands: { w: Float32Array.from(w, (q) => q * step), x: x.numbers, slack: 4 * x.step },
    };
  },
};

async function session(
  model: Uint8Array<ArrayBuffer>,
  m: number,
  { k, n, numbers }: Input,
  threads: number,
): Promise<Contender> {
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = 'error';
  const made = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  const x = new ort.Tensor('float32', transpose(numbers, k, n), [n, k]);
  let y: Float32Array | undefined;
  return {
    threads,
    run: async () => (y = (await made.run({ x }))['y']!.data as Float32Array),
    waits: true,
    result: () => transpose(y!, n, m),
    dispose: () => made.release(),
  };
}

const largest = (numbers: Float32Array): number =>
  numbers.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

/** What DynamicQuantizeLinear makes of numbers: 256 steps that have 0 among them. */
function quantised(numbers: Float32Array): { numbers: Float32Array; step: number } {
  let [low, high] = [0, 0];
  for (const v of numbers) [low, high] = [Math.min(low, v), Math.max(high, v)];
  const step = Math.fround((high - low) / 255);
  const zero = Math.round(-low / step);
  const round = (v: number): number => Math.min(255, Math.max(0, Math.round(v / step) + zero));
  return { numbers: numbers.map((v) => (round(v) - zero) * step), step };
}
