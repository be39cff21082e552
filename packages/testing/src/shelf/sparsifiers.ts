// Broken sparsifiers.
import { sparsifier, type SparsifierSpec } from '@lacuna/ir';
import { sparsifierLaws } from '../sparsifiers.js';
import type { ShelfEntry } from './entry.js';

const positive: SparsifierSpec = {
  name: 'positive',
  kind: 'streaming',
  params: {},
  keep: (numbers) => Uint8Array.from(numbers, (x) => Number(x > 0)),
};

/** The sparsifier that the broken ones are made from: its laws hold. */
export const soundSparsifier = sparsifier(positive);

function broken(name: string, rejectedBy: string, changes: Partial<SparsifierSpec>): ShelfEntry {
  const how = sparsifier({ ...positive, ...changes });
  return {
    name,
    rejectedBy,
    laws: sparsifierLaws(
      () => how,
      () => ({ idempotent: true }),
    ),
  };
}

let turn = 0;

/** Sparsifiers that the laws must reject. */
export const brokenSparsifiers: readonly ShelfEntry[] = [
  broken(
    'it depends on how often it was asked',
    'the same numbers are kept each time, and numbers are not written to',
    {
      keep(numbers) {
        turn++;
        return Uint8Array.from(numbers, (_, at) => Number((at + turn) % 3 === 0));
      },
    },
  ),
  broken(
    'it rounds what it keeps',
    'the same numbers are kept each time, and numbers are not written to',
    {
      keep(numbers) {
        numbers.forEach((x, at) => (numbers[at] = Math.round(x)));
        return positive.keep(numbers, []);
      },
    },
  ),
  broken(
    'it keeps more than it promised',
    'a mask has a byte for each number, 0 or 1, and as many ones as were promised',
    { count: () => 0 },
  ),
  broken(
    'its mask holds counts',
    'a mask has a byte for each number, 0 or 1, and as many ones as were promised',
    { keep: (numbers) => Uint8Array.from(numbers, () => 2) },
  ),
  broken(
    'its mask is one short',
    'a mask has a byte for each number, 0 or 1, and as many ones as were promised',
    { keep: (numbers) => positive.keep(numbers, []).subarray(1) },
  ),
  broken(
    'it drops half of what is left each time',
    'sparsifying again changes nothing, where that is promised',
    {
      keep(numbers) {
        let seen = 0;
        return Uint8Array.from(numbers, (x) => Number(x !== 0 && seen++ % 2 === 0));
      },
    },
  ),
];
