// A dense W written [K, M] is packed with zeros up to whole vectors of K. Those zeros meet no x: past its end lies
// another tensor's memory, and zero times infinity is no number.
import { createEngine } from '@lacuna/engine';
import { matmul } from '@lacuna/ops';
import { expect, it } from 'vitest';
import { gpu } from '../test/dawn.js';
import { webgpu } from './index.js';

it.each([
  [1, 4],
  [5, 4],
  [7, 1],
  [5, 132],
])('K = %i, N = %i: numbers past the end of x do not matter', async (k, n) => {
  const engine = await createEngine(webgpu({ gpu }), { fallback: 'refuse' });
  const m = 6;
  const infinite = new Float32Array(k * n).fill(1);
  infinite.fill(Infinity, (k - 1) * n);
  const w = engine.tensor(new Float32Array(k * m).fill(2), [k, m]);
  const y = await engine.get(matmul(w, engine.tensor(infinite, [k, n]), { transposeA: true }));
  expect(y.values.every((value) => value === Infinity)).toBe(true);
  engine.dispose();
});
