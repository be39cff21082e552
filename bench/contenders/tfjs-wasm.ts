// TensorFlow.js with its WebAssembly backend (XNNPACK), which has but one thread in Node.
import { getThreadsCount, setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { Tfjs } from './tfjs.js';

let ready: Promise<number> | undefined;

async function start(threads: number, path?: string): Promise<number> {
  if (path) setWasmPaths(path);
  setThreadsCount(threads);
  await tf.setBackend('wasm');
  await tf.ready();
  return (await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT')) ? getThreadsCount() : 1;
}

/** `path` is where its .wasm files are, in a browser. */
export const tfjsWasm = (path?: string): Tfjs => ({
  name: 'tfjs-wasm',
  version: '4.22.0',
  start: (threads) => (ready ??= start(threads, path)),
});
