// TensorFlow.js, whichever of its backends computes.
import * as tf from '@tensorflow/tfjs-core';
import type { Runner } from '../race.js';
import type { Peer } from './contender.js';

/** TensorFlow.js with one of its backends. */
export interface Tfjs extends Pick<Runner, 'settle'> {
  readonly name: string;
  readonly version: string;
  /** Starts the backend, once, and gives its threads: it takes a count of them when it starts. */
  readonly start: (threads: number) => Promise<number>;
}

/** `matMul(w, x)`: the orientation that it is faster in. */
export const tfjs = ({ name, version, start, settle }: Tfjs): Peer => ({
  name,
  version,
  role: 'dense peer',
  async make({ m, k, numbers }, { n, numbers: x }, asked) {
    const threads = await start(asked);
    const [w, b] = [tf.tensor2d(numbers, [m, k]), tf.tensor2d(x, [k, n])];
    return {
      threads,
      run: () => tf.matMul(w, b).dispose(),
      ...(settle && { settle }),
      result: async () => {
        const y = tf.matMul(w, b);
        const numbers = (await y.data()) as Float32Array;
        y.dispose();
        return numbers;
      },
      dispose: () => tf.dispose([w, b]),
    };
  },
});
