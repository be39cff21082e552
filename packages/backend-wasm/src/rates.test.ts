// Rates as kernels are chosen by: measured, and sane against each other.
import { expect, test } from 'vitest';
import { wasm } from './index.js';
import { likely } from './rates.js';

test('a rate that was measured far too low is lifted to what goes with the other', () => {
  expect(likely(50e9, 20e9)).toEqual({ flops: 50e9, bandwidth: 50e9 });
  expect(likely(10e9, 100e9)).toEqual({ flops: 25e9, bandwidth: 100e9 });
});

test('rates that go together stay as they are', () => {
  for (const [flops, bandwidth] of [
    [54e9, 72e9],
    [56e9, 110e9],
  ] as const)
    expect(likely(flops, bandwidth)).toEqual({ flops, bandwidth });
});

test('they are measured once in a process', async () => {
  const [first, second] = [await wasm(), await wasm()];
  expect(second.rates).toBe(first.rates);
});
