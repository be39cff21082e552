// The digits data: pixels in 0..1, and a split by a seeded shuffle.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { assemble, dense } from '@lacuna/ir';
import { randomOf, rowsOf, type Data } from '@lacuna/train';

/** The digits to train with and those to test with, as numbers `[N, 64]` and classes `[N]`. */
export function digits(seed = 0): { readonly train: Data; readonly test: Data } {
  const text = gunzipSync(readFileSync(new URL('digits.csv.gz', import.meta.url))).toString();
  const rows = text
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number));
  const pixels = rows.flatMap((row) => row.slice(0, 64).map((value) => value / 16));
  const inputs = assemble(dense, [rows.length, 64], pixels);
  const targets = assemble(
    dense,
    [rows.length],
    rows.map((row) => row[64]!),
  );
  const order = randomOf(seed, 'digits').order(rows.length);
  const part = (some: Uint32Array): Data => ({
    inputs: rowsOf(inputs, some),
    targets: rowsOf(targets, some),
  });
  return { train: part(order.subarray(0, 1347)), test: part(order.subarray(1347)) };
}
