// A lossless assignment, where there is one: columns × patterns, every pattern for g columns, compatible
// when the pattern covers the column's non-zeros. Starts from the greedy's places that lose nothing, and
// finds room for each remaining column by an augmenting path: it takes a full pattern's place, whose
// column moves on to another compatible pattern, and so on to one with a free place (breadth first).
import type { Block, Places } from './block.js';

const none = 0xffffffff;

/** Makes assignments of a block lossless; false, and nothing changed, where there is none. */
export function makeMatching(block: Block): (places: Places) => boolean {
  const { n, m, g, patterns, columns, order, magnitude } = block;
  const words = Math.ceil(m / 32);
  const covers = new Uint32Array(patterns * words);
  order.forEach((row, at) => (covers[Math.floor(at / n) * words + (row >> 5)]! |= 1 << (row & 31)));
  const needs = new Uint32Array(columns * words);
  const placed = new Uint32Array(columns); // where a column is, or none
  const unseen = new Uint32Array(patterns);
  const cameFrom = new Uint32Array(patterns); // the column that reached a pattern
  const queue = new Uint32Array(columns);

  const fits = (q: number, p: number): boolean => {
    for (let w = 0; w < words; w++)
      if ((needs[q * words + w]! & ~covers[p * words + w]!) !== 0) return false;
    return true;
  };
  const readNeeds = (): void => {
    needs.fill(0);
    for (let row = 0, at = 0; row < m; row++)
      for (let q = 0; q < columns; q++)
        if (magnitude[at++]! > 0) needs[q * words + (row >> 5)]! |= 1 << (row & 31);
  };
  const freePlace = (places: Places, p: number): number => {
    for (let t = p * g; t < p * g + g; t++) if (places[t] === none) return t;
    return none;
  };

  /** Finds room for column `start`, moving others; false where there is none. */
  const augment = (places: Places, start: number): boolean => {
    let left = patterns;
    for (let p = 0; p < patterns; p++) unseen[p] = p;
    queue[0] = start;
    for (let head = 0, tail = 1; head < tail; head++) {
      const q = queue[head]!;
      for (let u = 0; u < left;) {
        const p = unseen[u]!;
        if (!fits(q, p)) {
          u++;
          continue;
        }
        unseen[u] = unseen[--left]!;
        cameFrom[p] = q;
        const free = freePlace(places, p);
        if (free !== none) {
          settle(places, start, free);
          return true;
        }
        for (let t = p * g; t < p * g + g; t++) queue[tail++] = places[t]!;
      }
    }
    return false;
  };
  /** Walks back from a free place to `start`: each column takes the place that the next one leaves. */
  const settle = (places: Places, start: number, free: number): void => {
    for (let place = free; ;) {
      const q = cameFrom[Math.floor(place / g)]!;
      const left = placed[q]!;
      places[place] = q;
      placed[q] = place;
      if (q === start) return;
      place = left;
    }
  };

  return (places) => {
    readNeeds();
    const before = places.slice();
    let lost = 0;
    for (let t = 0; t < columns; t++) {
      const q = before[t]!;
      const keeps = fits(q, Math.floor(t / g));
      placed[q] = keeps ? t : none;
      if (!keeps) places[t] = none;
      if (!keeps) lost++;
    }
    for (let q = 0; q < columns && lost > 0; q++) {
      if (placed[q] !== none) continue;
      if (!augment(places, q)) {
        places.set(before);
        return false;
      }
      lost--;
    }
    return true;
  };
}
