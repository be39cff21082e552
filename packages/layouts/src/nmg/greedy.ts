// STen's greedy assignment, to the bit. It sorts all (score, column, pattern) descending, ties by larger
// column, then larger pattern, and takes every pair whose column is free and whose pattern has a place.
//
// The same result without sorting C²·g pairs: a heap of columns, each with its best pattern that is still
// open. The top is the next pair of the scan, unless its pattern has filled up; then the column looks for
// its next best and sinks. Patterns only ever close, so no column's standing is ever too low.
import type { Block, Places } from './block.js';

/** Makes the greedy assignment of a block, as often as it is refilled. */
export function makeGreedy(block: Block): (places: Places) => void {
  const { columns, patterns, g, score } = block;
  const best = new Float32Array(columns);
  const bestAt = new Uint32Array(columns);
  const heap = new Uint32Array(columns);
  const open = new Uint32Array(patterns); // ascending
  const used = new Uint32Array(patterns);
  let opened = 0;

  const look = (q: number): void => {
    let [top, at] = [-1, 0];
    for (let o = 0; o < opened; o++) {
      const s = score(q, open[o]!);
      if (s >= top) [top, at] = [s, open[o]!];
    }
    best[q] = top;
    bestAt[q] = at;
  };
  const above = (a: number, b: number): boolean => {
    const [x, y] = [best[a]!, best[b]!];
    return x > y || (x === y && a > b);
  };
  const sink = (from: number, size: number): void => {
    const q = heap[from]!;
    let at = from;
    for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && above(heap[child + 1]!, heap[child]!)) child++;
      if (!above(heap[child]!, q)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = q;
  };
  const close = (p: number): void => {
    const at = open.subarray(0, opened).indexOf(p);
    open.copyWithin(at, at + 1, opened--);
  };

  return (places) => {
    opened = patterns;
    for (let p = 0; p < patterns; p++) open[p] = p;
    used.fill(0);
    for (let q = 0; q < columns; q++) {
      look(q);
      heap[q] = q;
    }
    for (let at = (columns >> 1) - 1; at >= 0; at--) sink(at, columns);
    for (let size = columns; size > 0;) {
      const q = heap[0]!;
      const p = bestAt[q]!;
      if (used[p] === g) look(q);
      else {
        places[p * g + used[p]!++] = q;
        if (used[p] === g) close(p);
        heap[0] = heap[--size]!;
      }
      sink(0, size);
    }
  };
}
