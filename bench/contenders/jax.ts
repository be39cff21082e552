// jax-js with its WebAssembly backend: a product compiled by `jit`.
import { blockUntilReady, defaultDevice, init, jit, numpy as np } from '@jax-js/jax';
import type { Input, Weights } from '../problem.js';
import type { Contender, Peer } from './contender.js';

/** jax-js, `jit(matmul)`. */
export const jax: Peer = {
  name: 'jax-js',
  version: '0.1.25',
  role: 'dense peer',
  make: (weights, input) => withoutWorkers(() => product(weights, input)),
};

async function product({ m, k, numbers }: Weights, { n, numbers: x }: Input): Promise<Contender> {
  await init('wasm');
  defaultDevice('wasm');
  const put = (from: Float32Array, rows: number, columns: number): np.Array =>
    np.array(Float32Array.from(from)).reshape([rows, columns]);
  const [w, b] = [put(numbers, m, k), put(x, k, n)];
  const times = jit((left: np.Array, right: np.Array) => np.matmul(left, right));
  const once = async (): Promise<np.Array> => {
    const y = times(w.ref, b.ref);
    await blockUntilReady(y);
    return y;
  };
  (await once()).dispose(); // compiles, while workers are hidden
  return {
    run: async () => (await once()).dispose(),
    waits: true,
    result: async () => (await (await once()).data()) as Float32Array,
    dispose: () => [w, b].forEach((array) => array.dispose()),
  };
}

/** Where it finds workers it runs on all processors; one thread is what is compared here. */
async function withoutWorkers<T>(make: () => Promise<T>): Promise<T> {
  const { Worker } = globalThis;
  Reflect.deleteProperty(globalThis, 'Worker');
  try {
    return await make();
  } finally {
    if (Worker) globalThis.Worker = Worker;
  }
}
