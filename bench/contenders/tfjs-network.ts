// A TFJS graph model in TensorFlow.js itself.
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import type { Tfjs } from './tfjs.js';

/** The model, with an image that stays in its memory. */
export async function tfjsNetwork(
  { name, start, settle }: Tfjs,
  json: unknown,
  weights: Uint8Array<ArrayBuffer>,
  input: string,
  shape: readonly number[],
  numbers: Float32Array,
  asked: number,
): Promise<{
  readonly threads: number;
  readonly name: string;
  readonly layout: string;
  readonly run: () => void;
  readonly settle?: () => Promise<unknown>;
  readonly outputs: () => Promise<Record<string, Float32Array>>;
  readonly dispose: () => void;
}> {
  const threads = await start(asked);
  const { modelTopology, weightsManifest, signature, userDefinedMetadata } = json as {
    modelTopology: object;
    weightsManifest: { weights: tf.io.WeightsManifestEntry[] }[];
    signature?: object;
    userDefinedMetadata?: object;
  };
  const model = await loadGraphModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs: weightsManifest.flatMap((group) => group.weights),
      weightData: weights.slice().buffer,
      ...(signature && { signature }),
      ...(userDefinedMetadata && { userDefinedMetadata }),
    }),
  );
  const names = model.outputNodes;
  const x = { [input]: tf.tensor(numbers, [...shape]) };
  const outputs = (): tf.Tensor[] => [model.execute(x, names)].flat();
  return {
    name,
    layout: 'the same file',
    threads,
    run: () => tf.dispose(outputs()),
    ...(settle && { settle }),
    outputs: async () => {
      const made = outputs();
      const numbers = await Promise.all(made.map((t) => t.data()));
      tf.dispose(made);
      const plain = names.map((name) => name.replace(/:0$/, ''));
      return Object.fromEntries(plain.map((name, at) => [name, numbers[at] as Float32Array]));
    },
    dispose: () => model.dispose(),
  };
}
