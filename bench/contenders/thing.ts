// @thi.ng/sparse: CSR in JavaScript arrays; a product with a vector, or with another of its matrices.
import { CSR } from '@thi.ng/sparse';
import type { Peer } from './contender.js';

/** @thi.ng/sparse, `mul`, and `mulV` for one position. */
export const thing: Peer = {
  name: '@thi.ng/sparse',
  version: '0.3.120',
  role: 'sparse peer',
  async make({ m, k, numbers }, { n, numbers: x }) {
    const w = CSR.fromDense(m, k, numbers);
    if (n === 1) {
      const vector = [...x];
      let y: number[] = [];
      return { run: () => (y = w.mulV(vector)), result: () => y };
    }
    const b = CSR.fromDense(k, n, x);
    let y: CSR | undefined;
    return { run: () => (y = w.mul(b)), result: () => y!.toDense() };
  },
};
