// A whole network in LiteRT.js: with weights dense, and with those of 1 × 1 convolutions sparse, for which XNNPACK
// has kernels where everything from the first convolution to the mean over the image has one that takes channels first.
import { loadAndCompile, Tensor } from '@litertjs/core';
import type { Graph } from '@lacuna/lacuna';
import type { NetworkPeer, RunningNetwork } from './contender.js';
import { startLitert } from './litert.js';
import { networkModel } from './tflite/network.js';

/** LiteRT.js with either kind of weights, its .wasm files served under `path`. */
export const litertNetworks = (path: string): readonly NetworkPeer[] => [
  { name: 'LiteRT.js', make: (...given) => compiled(path, false, ...given) },
  { name: 'LiteRT.js, sparse weights', make: (...given) => compiled(path, true, ...given) },
];

async function compiled(
  path: string,
  sparse: boolean,
  graph: Graph,
  image: Float32Array,
  threads: number,
): Promise<RunningNetwork> {
  await startLitert(path, threads);
  const { bytes, outputs } = networkModel(graph, sparse);
  const model = await loadAndCompile(bytes, {
    accelerator: 'wasm',
    cpuOptions: { numThreads: threads },
  });
  const { shape } = graph.nodes.find(({ kind }) => kind === 'input')!;
  const given = new Tensor(image, [...shape]);
  return {
    threads,
    waits: true,
    run: async () => {
      for (const tensor of await model.run(given)) tensor.delete();
    },
    outputs: async () => {
      const made = await model.run(given);
      const numbers = made.map((t) => Float32Array.from(t.toTypedArray() as Float32Array));
      for (const tensor of made) tensor.delete();
      return Object.fromEntries(outputs.map((name, at) => [name, numbers[at]!]));
    },
    dispose: () => {
      given.delete();
      model.delete();
    },
  };
}
