// Chance with a seed: the same seed and size give the same case on every machine. `size` in 0..1 says how
// large a case may be, so that a failure can be looked for again among smaller ones.

/** Extents that find mistakes: nothing, one, odd, whole vectors, and one past a block or a vector. */
const extents = [
  0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 16, 17, 24, 31, 33, 48, 49, 64, 65, 96, 100, 128, 129,
];

/**
 * Seeded random numbers.
 *
 * @example
 * ```ts
 * import { Random } from '@lacuna/testing';
 * new Random(1).whole(1, 6) === new Random(1).whole(1, 6); // true
 * ```
 */
export class Random {
  readonly seed: number;
  readonly size: number;
  #state: number;

  constructor(seed: number, size = 1) {
    [this.seed, this.size, this.#state] = [seed, size, seed | 0];
  }

  /** A number in 0..1, 1 left out: Tommy Ettinger's mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(p: number): boolean {
    return this.next() < p;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.whole(0, items.length - 1)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  /** An extent of a dimension, in `least..most`. */
  extent(least = 0, most = 33): number {
    const among = extents.filter((e) => e >= least && e <= most);
    return among[this.whole(0, Math.ceil(this.size * (among.length - 1)))]!;
  }

  /** The numbers 0..count-1 in random order (Fisher and Yates). */
  order(count: number): number[] {
    const order = Array.from({ length: count }, (_, at) => at);
    for (let at = count - 1; at > 0; at--) {
      const other = this.whole(0, at);
      [order[at], order[other]] = [order[other]!, order[at]!];
    }
    return order;
  }
}

/** A seed from another and what it is for (FNV-1a). */
export function seedFor(seed: number, what: string): number {
  let h = (0x811c9dc5 ^ seed) >>> 0;
  for (let at = 0; at < what.length; at++) h = Math.imul(h ^ what.charCodeAt(at), 0x01000193) >>> 0;
  return h;
}
