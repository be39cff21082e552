// A race on WebGPU in real Chromium: peers run, on the same adapter, and all are right before they are timed.
import { expect, test } from 'vitest';
import { parseOptions } from '../options.js';
import { chromiumReport } from './run.js';

test('ours and peers race on one adapter', { timeout: 300_000 }, async () => {
  const options = parseOptions({
    backend: 'webgpu',
    suite: 'unstructured',
    shape: '64x96x8,64x96x7',
    sparsity: '0.9',
  });
  let heard = 0;
  const { rows, absent, adapter, peakGflops } = await chromiumReport(options, () => heard++);
  expect(absent).toEqual([]);
  expect(adapter).toMatch(/^WebGPU on /);
  expect(peakGflops).toBeGreaterThan(0);
  expect(heard).toBe(2);
  for (const n of [8, 7]) {
    const names = rows.filter(({ shape }) => shape[2] === n).map(({ contender }) => contender);
    expect(new Set(names)).toEqual(
      new Set([
        'lacuna plan',
        'lacuna run',
        'lacuna linear',
        'lacuna eager',
        'tfjs-webgpu',
        'ort-webgpu',
      ]),
    );
  }
  for (const { contender, counts } of rows)
    expect([contender, counts?.submissions]).toEqual([
      contender,
      { 'lacuna plan': 1, 'lacuna linear': 1, 'lacuna eager': 1, 'lacuna run': 2 }[contender],
    ]);
});
