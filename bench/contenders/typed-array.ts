// What one writes in an afternoon: CSR in typed arrays, and the loop over it in plain JavaScript.
import type { Input, Weights } from '../problem.js';
import type { Peer } from './contender.js';

/** CSR of typed arrays. */
export const typedArray: Peer = {
  name: 'typed-array CSR',
  version: 'written here',
  role: 'sparse peer',
  make: product,
};

function product({ m, k, numbers }: Weights, { n, numbers: x }: Input): ReturnType<typeof ready> {
  const [pos, crd, values] = [new Uint32Array(m + 1), [] as number[], [] as number[]];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < k; j++) {
      const value = numbers[i * k + j]!;
      if (value !== 0) values[crd.push(j) - 1] = value;
    }
    pos[i + 1] = crd.length;
  }
  return ready(m, n, pos, Uint32Array.from(crd), Float32Array.from(values), x);
}

function ready(
  m: number,
  n: number,
  pos: Uint32Array,
  crd: Uint32Array,
  values: Float32Array,
  x: Float32Array,
): { run: () => void; result: () => Float32Array } {
  const y = new Float32Array(m * n);
  const run = (): void => {
    if (n === 1) return vector(m, pos, crd, values, x, y);
    y.fill(0);
    for (let i = 0; i < m; i++) {
      for (let p = pos[i]!; p < pos[i + 1]!; p++) {
        const [value, row] = [values[p]!, crd[p]! * n];
        for (let c = 0; c < n; c++) y[i * n + c]! += value * x[row + c]!;
      }
    }
  };
  return { run, result: () => y };
}

function vector(
  m: number,
  pos: Uint32Array,
  crd: Uint32Array,
  values: Float32Array,
  x: Float32Array,
  y: Float32Array,
): void {
  for (let i = 0; i < m; i++) {
    let sum = 0;
    for (let p = pos[i]!; p < pos[i + 1]!; p++) sum += values[p]! * x[crd[p]!]!;
    y[i] = sum;
  }
}
