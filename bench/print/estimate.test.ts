// Estimates by hand, on a card of round numbers.
import { expect, test } from 'vitest';
import type { Row } from '../report.js';
import { estimate } from './estimate.js';

const card = { name: 'round', gflops: 2000, gbs: 100, lanes: 1000, source: '' };
const counts = {
  dispatches: 1,
  submissions: 1,
  workgroups: 100,
  bytesBound: 0,
  bytesMoved: 0,
  bytesLoaded: 0,
  bytesLoadedOfX: 0,
  fmas: 0,
};
const row = (some: Partial<typeof counts>): Row => ({
  suite: 'dense',
  shape: [1, 1, 1],
  sparsity: 0,
  layout: 'dense',
  contender: 'lacuna plan',
  threads: 1,
  ms: { best: 1, median: 1 },
  gflopsEffective: 1,
  gflopsStored: 1,
  ofRoofline: null,
  vsOwnDense: null,
  vsBestPeer: null,
  bestPeer: null,
  counts: { ...counts, ...some },
});

test('the slowest of memory, arithmetic and caches is the time', () => {
  const works = { fmas: 3e6, bytesMoved: 1e5, bytesLoadedOfX: 2e6 };
  expect(estimate(row(works), card)).toEqual({ microseconds: 3, by: 'arithmetic', filled: 1 });
  expect(estimate(row({ ...works, bytesMoved: 1e6 }), card)?.by).toBe('memory');
  expect(estimate(row({ ...works, bytesLoadedOfX: 4e6 }), card)).toMatchObject({
    microseconds: 4,
    by: 'caches',
  });
});

test('lanes without a thread do nothing', () => {
  const few = row({ fmas: 3e6, workgroups: 5 }); // 320 threads for 1000 lanes
  expect(estimate(few, card)?.filled).toBe(0.32);
  expect(estimate(few, card)?.microseconds).toBeCloseTo(3 / 0.32, 9);
});

test('what was not counted has no estimate', () => {
  const { counts: _, ...plain } = row({});
  expect(estimate(plain, card)).toBeUndefined();
});
