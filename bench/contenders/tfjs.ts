// TensorFlow.js with its WebAssembly backend (XNNPACK). It takes a count of threads once, when it starts, and
// has but one in Node.
import * as tf from '@tensorflow/tfjs-core';
import { getThreadsCount, setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import type { Peer } from './contender.js';

let ready: Promise<number> | undefined;

/** Starts the backend, once; `path` is where its .wasm files are, in a browser. Gives its threads. */
export function startTfjs(threads: number, path?: string): Promise<number> {
  ready ??= (async () => {
    if (path) setWasmPaths(path);
    setThreadsCount(threads);
    await tf.setBackend('wasm');
    await tf.ready();
    return (await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT')) ? getThreadsCount() : 1;
  })();
  return ready;
}

/** tfjs-backend-wasm, `matMul(w, x)`: the orientation that it is faster in. */
export const tfjs: Peer = {
  name: 'tfjs-wasm',
  version: '4.22.0',
  role: 'dense peer',
  async make({ m, k, numbers }, { n, numbers: x }, asked) {
    const threads = await startTfjs(asked);
    const [w, b] = [tf.tensor2d(numbers, [m, k]), tf.tensor2d(x, [k, n])];
    return {
      threads,
      run: () => tf.matMul(w, b).dispose(),
      result: async () => {
        const y = tf.matMul(w, b);
        const numbers = (await y.data()) as Float32Array;
        y.dispose();
        return numbers;
      },
      dispose: () => tf.dispose([w, b]),
    };
  },
};
