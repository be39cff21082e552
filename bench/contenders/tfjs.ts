// TensorFlow.js with its WebAssembly backend (XNNPACK), one thread.
import * as tf from '@tensorflow/tfjs-core';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import type { Peer } from './contender.js';

let ready: Promise<void> | undefined;

/** Starts the backend, once; `path` is where its .wasm files are, in a browser. */
export function startTfjs(path?: string): Promise<void> {
  ready ??= (async () => {
    if (path) setWasmPaths(path);
    setThreadsCount(1);
    await tf.setBackend('wasm');
    await tf.ready();
  })();
  return ready;
}

/** tfjs-backend-wasm, `matMul(w, x)`: the orientation that it is faster in. */
export const tfjs: Peer = {
  name: 'tfjs-wasm',
  version: '4.22.0',
  role: 'dense peer',
  async make({ m, k, numbers }, { n, numbers: x }) {
    await startTfjs();
    const [w, b] = [tf.tensor2d(numbers, [m, k]), tf.tensor2d(x, [k, n])];
    return {
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
