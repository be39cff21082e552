// What a card would make of a product at best, from what was counted of it: the slowest of three things that go on at
// once. Counted are bytes, loads and multiply-adds; the card's rates are its maker's. Nothing here was measured on one.
//
//   memory       bytes of W's layout, x and y, each once          / bandwidth
//   arithmetic   2 operations a stored entry and column           / peak
//   caches       bytes of x that threads ask for                  / a byte a lane and cycle
//
// all of them by the share of lanes that have a thread: one that has none multiplies nothing, and asks for nothing. (By
// Little's law a thread a lane with 64 bytes on the way is about what fills a memory of half a microsecond.)
// A byte a lane and cycle, 128 a multiprocessor of 128 lanes, is what NVIDIA's first caches give, and is taken for
// all. Loads of W are the same for the threads of a row, and are left out: what comes out is a bound from above.
import type { Row } from '../report.js';
import type { Card } from './cards.js';

/** What an estimate is bound by. */
export type Bound = 'memory' | 'arithmetic' | 'caches';

/** An estimate of one product. */
export interface Estimate {
  readonly microseconds: number;
  readonly by: Bound;
  /** Share of the card's lanes that have a thread. */
  readonly filled: number;
}

const threads = 64;

/** The estimate of a row on a card, or undefined of one that was not counted. */
export function estimate({ counts }: Row, card: Card): Estimate | undefined {
  if (counts?.bytesLoadedOfX === undefined) return undefined;
  const filled = Math.min(1, (counts.workgroups * threads) / card.lanes);
  const lanesPerNs = card.gflops / 2; // lanes × GHz
  const nanoseconds: Readonly<Record<Bound, number>> = {
    memory: counts.bytesMoved / (card.gbs * filled),
    arithmetic: counts.fmas / (lanesPerNs * filled),
    caches: counts.bytesLoadedOfX / (lanesPerNs * filled),
  };
  const [by, most] = (Object.entries(nanoseconds) as [Bound, number][]).reduce((a, b) =>
    b[1] > a[1] ? b : a,
  );
  return { microseconds: most / 1000, by, filled };
}
