// STen's greedy assignment, to the bit. It sorts all (score, column, pattern) descending, ties by larger
// column, then larger pattern, and takes every pair whose column is free and whose pattern has a place.
//
// The same result without sorting C²·g pairs: a heap of columns, each with its best pattern that is still
// open. The top is the next pair of the scan, unless its pattern has filled up; then the column looks for
// its next best and sinks. Patterns only ever close, so no column's standing is ever too low.
import type { Block, Places } from './block.js';

/** More than a block has columns; the bits of a score times this, plus a column, is exact in a double. */
const span = 2 ** 22;

/** Makes the greedy assignment of a block, as often as it is refilled. */
export function makeGreedy({ columns, patterns, g, scores }: Block): (places: Places) => void {
  // Floats that are not negative are in the order of their bits.
  const bits = new Int32Array(scores.buffer);
  const heap = new Float64Array(columns); // score bits · span + column: one number orders both
  const bestAt = new Uint32Array(columns);
  const open = new Int32Array(patterns); // ascending
  const used = new Uint32Array(patterns);

  /** Finds the best open pattern of column q; its key in the heap. */
  const look = (q: number, opened: number): number => {
    const row = q * patterns;
    let top = 0;
    let at = open[0]!;
    for (let o = 0; o < opened; o++) {
      const p = open[o]!;
      const s = bits[row + p]!;
      // if (s >= top) [top, at] = [s, p], without a branch that nobody could predict.
      const mask = (top - 1 - s) >> 31;
      top ^= (top ^ s) & mask;
      at ^= (at ^ p) & mask;
    }
    bestAt[q] = at;
    return top * span + q;
  };

  /** Fills the hole at `start` with larger children down to a leaf, then lets `key` rise from there. */
  const sink = (key: number, start: number, size: number): void => {
    let at = start;
    let child = 2 * at + 1;
    while (child + 1 < size) {
      child += Number(heap[child + 1]! > heap[child]!);
      heap[at] = heap[child]!;
      at = child;
      child = 2 * at + 1;
    }
    if (child < size) {
      heap[at] = heap[child]!;
      at = child;
    }
    while (at > start) {
      const parent = (at - 1) >> 1;
      const above = heap[parent]!;
      if (above >= key) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = key;
  };

  return (places) => {
    let opened = patterns;
    for (let p = 0; p < patterns; p++) open[p] = p;
    used.fill(0);
    for (let q = 0; q < columns; q++) heap[q] = look(q, opened);
    for (let at = (columns >> 1) - 1; at >= 0; at--) sink(heap[at]!, at, columns);
    for (let size = columns; size > 0;) {
      const key = heap[0]!;
      const q = key - Math.floor(key / span) * span;
      const p = bestAt[q]!;
      if (used[p] === g) {
        sink(look(q, opened), 0, size);
        continue;
      }
      places[p * g + used[p]!++] = q;
      if (used[p] === g) {
        const at = open.indexOf(p);
        open.copyWithin(at, at + 1, opened--);
      }
      size--;
      if (size > 0) sink(heap[size]!, 0, size);
    }
  };
}
