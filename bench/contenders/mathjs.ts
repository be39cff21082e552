// mathjs: compressed columns in JavaScript arrays; a sparse matrix times a dense one.
import { matrix, multiply, type Matrix } from 'mathjs';
import type { Peer } from './contender.js';

/** mathjs, `multiply(sparse, dense)`. */
export const mathjs: Peer = {
  name: 'mathjs',
  version: '15.2.0',
  role: 'sparse peer',
  async make({ m, k, numbers }, { n, numbers: x }) {
    const w = matrix(nested(numbers, m, k), 'sparse');
    const b = matrix(nested(x, k, n));
    let y: Matrix | undefined;
    return {
      run: () => (y = multiply(w, b)),
      result: () => (y!.toArray() as number[][]).flat(),
    };
  },
};

function nested(numbers: Float32Array, rows: number, columns: number): number[][] {
  return Array.from({ length: rows }, (_, r) => [
    ...numbers.subarray(r * columns, (r + 1) * columns),
  ]);
}
