// TensorFlow.js with its WASM backend: one thread, all weights dense. A real peer, as a user would run it.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { setThreadsCount, setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import type { Model } from '../model.js';
import type { Contender, Numbers } from './contender.js';

/** The model in tfjs-wasm. Fails where tfjs lacks an op. */
export async function tfjs({ file, shards, graph, inputs }: Model): Promise<Contender> {
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${dirname(entry)}/`);
  setThreadsCount(1);
  tf.enableProdMode();
  await tf.setBackend('wasm');
  const specs = file.weightsManifest.flatMap(({ weights }) => weights);
  const model = await loadGraphModel({
    load: () =>
      Promise.resolve({
        ...file,
        modelTopology: file.modelTopology,
        weightSpecs: specs,
        weightData: shards.buffer,
      }),
  });
  const names = graph.outputs.map(({ name }) => name);
  return {
    name: `tfjs-wasm ${version_wasm} dense`,
    weightBytes: specs
      .filter(({ dtype }) => dtype === 'float32')
      .reduce((sum, { shape }) => sum + 4 * shape.reduce((p, extent) => p * extent, 1), 0),
    async run(given: Numbers) {
      const feeds: Record<string, tf.Tensor> = {};
      for (const { name, shape } of inputs) {
        const numbers = given[name];
        if (numbers) feeds[name] = tf.tensor(numbers, [...shape]);
      }
      const made = [model.execute(feeds, names)].flat();
      const out: Record<string, Float32Array> = {};
      for (const [at, tensor] of made.entries())
        out[names[at] ?? ''] = Float32Array.from(await tensor.data());
      tf.dispose([made, feeds]);
      return out;
    },
    dispose: () => model.dispose(),
  };
}
