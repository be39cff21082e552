// @thi.ng/sparse: CSR in JavaScript arrays; a product with another of its matrices, or with a vector, which
// it takes for square matrices. Its `fromDense` reads rectangles by the wrong side, so arrays are given.
import { CSR } from '@thi.ng/sparse';
import type { Peer } from './contender.js';

/** @thi.ng/sparse, `mul`, and `mulV` for one position of a square matrix. */
export const thing: Peer = {
  name: '@thi.ng/sparse',
  version: '0.3.120',
  role: 'sparse peer',
  async make({ m, k, numbers }, { n, numbers: x }) {
    const w = compressed(numbers, m, k);
    if (n === 1 && m === k) {
      const vector = [...x];
      let y: number[] = [];
      return { run: () => (y = w.mulV(vector)), result: () => y };
    }
    const b = compressed(x, k, n);
    let y: CSR | undefined;
    return { run: () => (y = w.mul(b)), result: () => y!.toDense() };
  },
};

function compressed(numbers: Float32Array, rows: number, columns: number): CSR {
  const [values, bounds, crd] = [[] as number[], [0], [] as number[]];
  numbers.forEach((value, at) => {
    if (value !== 0) values[crd.push(at % columns) - 1] = value;
    if (at % columns === columns - 1) bounds.push(crd.length);
  });
  return new CSR(rows, columns, values, bounds, crd);
}
