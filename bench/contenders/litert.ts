// LiteRT.js with its WebAssembly backend (XNNPACK): a model with the weights in it. In browsers only.
import { loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core';
import type { Input, Weights } from '../problem.js';
import { transpose, type Contender, type Peer } from './contender.js';
import { productModel } from './tflite/product.js';

let ready: Promise<unknown> | undefined;

/** Loads LiteRT.js once, its .wasm files served under `path`. */
export async function startLitert(path: string, threads: number): Promise<void> {
  await (ready ??= loadLiteRt(path, { threads: threads > 1 }));
}

/** LiteRT.js, its .wasm files served under `path`. */
export const litert = (path: string): Peer => ({
  name: 'LiteRT.js',
  version: '2.5.3',
  role: 'dense peer',
  make: async (weights, input, threads) => {
    await startLitert(path, threads);
    return product(weights, input, threads);
  },
});

async function product(
  { m, k, numbers }: Weights,
  { n, numbers: x }: Input,
  threads: number,
): Promise<Contender> {
  const model = await loadAndCompile(productModel(n, k, m, numbers), {
    accelerator: 'wasm',
    cpuOptions: { numThreads: threads },
  });
  const given = new Tensor(transpose(x, k, n), [n, k]);
  const once = async (): Promise<Tensor> => (await model.run(given))[0]!;
  return {
    threads,
    run: async () => (await once()).delete(),
    waits: true,
    result: async () => {
      const y = await once();
      const numbers = Float32Array.from(y.toTypedArray() as Float32Array);
      y.delete();
      return transpose(numbers, n, m);
    },
    dispose: () => {
      given.delete();
      model.delete();
    },
  };
}
