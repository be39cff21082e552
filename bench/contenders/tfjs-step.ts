// A step of training in TensorFlow.js: a product and the two of its gradients. Its own rule of a product's gradient
// asks matMul to turn operands, for which the WebAssembly backend has a plain loop, some eight times as long: operands are
// turned first here, so that it is compared at its best.
import * as tf from '@tensorflow/tfjs-core';
import type { Input, Weights } from '../problem.js';
import type { Step } from '../suites/train.js';
import type { Tfjs } from './tfjs.js';

/** dW and dX of matMul(w, x) for dY. */
export async function tfjsStep(
  { start, settle }: Tfjs,
  { m, k, numbers }: Weights,
  { n, numbers: x }: Input,
  by: Float32Array,
  asked: number,
): Promise<Step> {
  const threads = await start(asked);
  const [w, right] = [tf.tensor2d(numbers, [m, k]), tf.tensor2d(x, [k, n])];
  const dy = tf.tensor2d(by, [m, n]);
  const step = (): readonly tf.Tensor[] => {
    tf.matMul(w, right).dispose();
    const [x, v] = [tf.transpose(right), tf.transpose(w)];
    const made = [tf.matMul(dy, x), tf.matMul(v, dy)];
    tf.dispose([x, v]);
    return made;
  };
  return {
    threads,
    run: () => tf.dispose([...step()]),
    ...(settle && { settle }),
    results: async () => {
      const made = step();
      const [dw, dx] = await Promise.all(made.map((t) => t.data()));
      tf.dispose([...made]);
      return [dw as Float32Array, dx as Float32Array];
    },
    dispose: () => tf.dispose([w, right, dy]),
  };
}
