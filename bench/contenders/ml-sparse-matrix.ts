// ml-sparse-matrix: hash tables of entries; the product is with another of its matrices.
import { SparseMatrix } from 'ml-sparse-matrix';
import type { Peer } from './contender.js';

/** ml-sparse-matrix, `mmul`. */
export const mlSparseMatrix: Peer = {
  name: 'ml-sparse-matrix',
  version: '3.1.0',
  role: 'sparse peer',
  async make({ m, k, numbers }, { n, numbers: x }) {
    const fill = (rows: number, columns: number, from: Float32Array): SparseMatrix => {
      const matrix = new SparseMatrix(rows, columns, { initialCapacity: 2 * from.length });
      from.forEach((v, at) => v !== 0 && matrix.set(Math.floor(at / columns), at % columns, v));
      return matrix;
    };
    const [w, b] = [fill(m, k, numbers), fill(k, n, x)];
    let y: SparseMatrix | undefined;
    return {
      run: () => (y = w.mmul(b)),
      result: () => (y as SparseMatrix).to2DArray().flat(),
    };
  },
};
