// Swaps that raise the kept magnitude: columns a in pattern p and b in pattern r change places when
//
//     s(a, r) + s(b, p) > s(a, p) + s(b, r)
//
// The two sides separate: the best swap between p and r is the best leaver of p for r with the best
// leaver of r for p. So a pair of patterns costs 2g scores, and a sweep over all pairs C²·g.
import type { Block, Places } from './block.js';

/** Sweeps before giving up; a few suffice, and each raises the total. */
const sweeps = 32;
/** Gains below this share of the scores may be rounding. */
const rounding = 2 ** -20;

/** Improves assignments of a block until no swap of two columns helps. */
export function makeSwaps({ patterns, g, scores }: Block): (places: Places) => void {
  const changed = new Int32Array(patterns); // the sweep in which a pattern last changed

  /** The place in pattern p whose column gains most by going to r. */
  const leaver = (places: Places, p: number, r: number): number => {
    let best = -Infinity;
    let at = p * g;
    for (let t = p * g; t < p * g + g; t++) {
      const row = places[t]! * patterns;
      const gain = scores[row + r]! - scores[row + p]!;
      if (gain > best) {
        best = gain;
        at = t;
      }
    }
    return at;
  };

  /** Swaps the best pair between p and r, if that helps. */
  const swap = (places: Places, p: number, r: number): boolean => {
    const s = leaver(places, p, r);
    const t = leaver(places, r, p);
    const a = places[s]!;
    const b = places[t]!;
    const after = scores[a * patterns + r]! + scores[b * patterns + p]!;
    const before = scores[a * patterns + p]! + scores[b * patterns + r]!;
    if (!(after - before > after * rounding)) return false;
    places[s] = b;
    places[t] = a;
    return true;
  };

  return (places) => {
    changed.fill(0);
    for (let sweep = 1, improved = true; improved && sweep <= sweeps; sweep++) {
      improved = false;
      for (let p = 0; p < patterns; p++) {
        for (let r = p + 1; r < patterns; r++) {
          if (changed[p]! < sweep - 1 && changed[r]! < sweep - 1) continue;
          for (let left = g; left > 0 && swap(places, p, r); left--) {
            changed[p] = sweep;
            changed[r] = sweep;
            improved = true;
          }
        }
      }
    }
  };
}
