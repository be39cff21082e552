// TensorFlow.js with its WebGPU backend. It gathers dispatches, and sends them when there are fifteen, or something is
// read; before they are waited for, those that are left are sent.
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { sameAdapter } from '../gpu/adapter.js';
import type { Tfjs } from './tfjs.js';

function backend(): WebGPUBackend {
  const active = tf.backend();
  if (active instanceof WebGPUBackend) return active;
  throw new Error('TensorFlow.js runs on something else than WebGPU');
}

async function start(): Promise<number> {
  await tf.setBackend('webgpu');
  await tf.ready();
  await sameAdapter(backend().device);
  return 1;
}

let ready: Promise<number> | undefined;

/** TensorFlow.js on the page's adapter. */
export const tfjsWebgpu: Tfjs = {
  name: 'tfjs-webgpu',
  version: '4.22.0',
  start: () => (ready ??= start()),
  settle: async () => {
    const { queue } = backend();
    backend().ensureCommandEncoderReady();
    backend().endComputePassEncoder();
    backend().submitQueue();
    await queue.onSubmittedWorkDone();
  },
};
