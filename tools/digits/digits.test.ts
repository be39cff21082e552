import { wasm } from '@lacuna/backend-wasm';
import { createEngine } from '@lacuna/engine';
import { expect, test } from 'vitest';
import { digits } from '../../test/data/digits.ts';
import { runDigits } from './run.ts';
import { runs } from './runs.ts';

const least: Readonly<Record<string, number>> = {
  dense: 0.9,
  'csr, a tenth by magnitude': 0.5,
  'n:m 1:16, SR-STE': 0.5,
  'convolutional net, a quarter masked': 0.6,
  'convolutional net, a quarter in csr': 0.6,
  'convolutional net, a quarter of kernels': 0.6,
  'transformer, a quarter in csr': 0.5,
};

test.each(runs.filter(({ name }) => name in least))('$name learns the digits', async (run) => {
  const engine = await createEngine(wasm(), { fallback: 'quiet' });
  const about = { seed: 1, epochs: 4, data: digits(1) };
  const { accuracy, density } = await runDigits(engine, run, about);
  expect(accuracy).toBeGreaterThan(least[run.name]!);
  if (run.name.includes('a quarter')) expect(density).toBe(0.25);
  engine.dispose();
});

test('the table is the same each time it is made', async () => {
  const engine = await createEngine(wasm(), { fallback: 'quiet' });
  const about = { seed: 2, epochs: 1, data: digits(2) };
  const [first, again] = [
    await runDigits(engine, runs[0]!, about),
    await runDigits(engine, runs[0]!, about),
  ];
  expect(again.accuracy).toBe(first.accuracy);
  engine.dispose();
});
