// Some peers are thousands of times slower than others, and would hold up a race for hours. Each is first
// asked for four columns; what that says of the whole product decides whether it takes part.
import type { Peer } from '../contenders/contender.js';
import { makeInput, type Weights } from '../problem.js';
import { gflops } from '../statistics.js';

const columns = 4;

/** Keeps what peers did with weights. */
export class Screen {
  readonly #seen = new WeakMap<Weights, Map<Peer, number>>();
  /** The most milliseconds of a call. */
  readonly limit: number;
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Why a peer is not asked for n columns, or undefined. */
  async refuses(peer: Peer, weights: Weights, n: number): Promise<string | undefined> {
    if (n <= columns) return undefined;
    const kept = this.#seen.get(weights) ?? new Map<Peer, number>();
    this.#seen.set(weights, kept);
    const ms = kept.get(peer) ?? (await trial(peer, weights));
    kept.set(peer, ms);
    const expected = (ms * n) / columns;
    if (expected <= this.limit) return undefined;
    const rate = gflops(2 * weights.tensor.stored * columns, ms);
    return `too slow: ${rate.toPrecision(2)} GFLOP/s for ${columns} columns, so that a call would take ${(expected / 1000).toPrecision(2)} s or more`;
  }
}

async function trial(peer: Peer, weights: Weights): Promise<number> {
  const contender = await peer.make(weights, makeInput(weights.k, columns, 1), 1);
  const start = performance.now();
  await contender.run();
  const cold = performance.now() - start;
  await contender.run();
  const ms = Math.min(cold, performance.now() - start - cold);
  await contender.dispose?.();
  return ms;
}
