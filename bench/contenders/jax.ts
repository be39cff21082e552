// jax-js with its WebAssembly backend: a product compiled by `jit`. Where it finds workers it runs on all
// processors, which it does in pages: to be compared on one thread, it is loaded and compiled while they are hidden.
import type { Input, Weights } from '../problem.js';
import type { Contender, Peer } from './contender.js';

/** jax-js, `jit(matmul)`. */
export const jax: Peer = {
  name: 'jax-js',
  version: '0.1.25',
  role: 'dense peer',
  async make(weights, input, threads) {
    const make = (): Promise<Contender> => product(weights, input);
    if (threads === 1 || globalThis.process) return withoutWorkers(make);
    return { ...(await make()), threads: navigator.hardwareConcurrency };
  },
};

async function product({ m, k, numbers }: Weights, { n, numbers: x }: Input): Promise<Contender> {
  const { blockUntilReady, defaultDevice, init, jit, numpy: np } = await import('@jax-js/jax');
  await init('wasm');
  defaultDevice('wasm');
  const [w, b] = [
    np.array(Float32Array.from(numbers)).reshape([m, k]),
    np.array(Float32Array.from(x)).reshape([k, n]),
  ];
  const times = jit((left: typeof w, right: typeof w) => np.matmul(left, right));
  const once = async (): Promise<typeof w> => {
    const y = times(w.ref, b.ref);
    await blockUntilReady(y);
    return y;
  };
  (await once()).dispose();
  return {
    run: async () => (await once()).dispose(),
    waits: true,
    result: async () => (await (await once()).data()) as Float32Array,
    dispose: () => [w, b].forEach((array) => array.dispose()),
  };
}

async function withoutWorkers<T>(make: () => Promise<T>): Promise<T> {
  const { Worker } = globalThis;
  Reflect.deleteProperty(globalThis, 'Worker');
  try {
    return await make();
  } finally {
    if (Worker) globalThis.Worker = Worker;
  }
}
