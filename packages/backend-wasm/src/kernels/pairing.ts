// Compressed rows two by two, as the kernel `twins` reads them: which columns both rows of a pair have, and which one
// alone; columns in blocks. It is made of a pattern once. With it goes where each value is stored.
//
//   row 2p    a b . c . d        both   a,e  c,g      offsets of 0, 3
//   row 2p+1  e . f g . .        each   b,f           offsets of 1, 2       rest   d   offset of 5
import { outside, type Pattern } from '@lacuna/ir';
import { rowsOf } from './compressedrows.js';

/** Positions from one row of a panel to the next. */
export const stride = 24;

/** Columns of a block at most: offsets in it are bytes in 16 bits. */
const highest = Math.floor(2 ** 16 / (4 * stride));

/** How many of what there are: of a matrix as the product sees it. */
export interface PairSizes {
  readonly m: number;
  readonly k: number;
  readonly pairs: number;
  /** Blocks of columns, and the columns of one. */
  readonly blocks: number;
  readonly high: number;
  /** Words where offsets and values begin, and the end. */
  readonly offsets: number;
  readonly values: number;
  readonly end: number;
}

/** Of m rows and k columns with so many entries. Blocks are so high that the ends of lists cost little beside L1. */
export function pairSizes([m, k]: readonly [number, number], stored: number): PairSizes {
  const density = stored / Math.max(1, m * k);
  const wanted = density > 0.3 ? 192 : density > 0.07 ? 384 : highest;
  const blocks = Math.max(1, Math.ceil(k / highest), Math.round(k / wanted));
  const pairs = Math.ceil(m / 2);
  const offsets = 4 * blocks * pairs + 1;
  const values = offsets + Math.ceil(stored / 2);
  return {
    m,
    k,
    pairs,
    blocks,
    high: Math.ceil(k / blocks),
    offsets,
    values,
    end: values + stored,
  };
}

/** Ends, offsets, and of each value its place among those that are stored. */
export function pairing(pattern: Pattern, turned: boolean, sizes: PairSizes): Uint32Array {
  const { m, k, pairs, blocks, high } = sizes;
  const { pos, crd, place } = rowsOf(pattern, turned);
  const words = new Uint32Array(sizes.end).fill(outside, sizes.values);
  const alone = [new Uint32Array(high), new Uint32Array(high)] as const;
  const next = new Uint32Array(m);
  for (let i = 0; i < m; i++) next[i] = pos[i]!;
  const offsets = new Uint16Array(words.buffer, 4 * sizes.offsets);
  let [offset, value, left] = [0, sizes.values, 0];
  const column = (q: number): void => void (offsets[offset++] = (crd[q]! - left) * stride * 4);
  const entry = (q: number): void => void (words[value++] = place ? place[q]! : q);

  for (let block = 0; block < blocks; block++)
    for (let pair = 0; pair < pairs; pair++) {
      const [a, b] = [2 * pair, 2 * pair + 1];
      left = block * high;
      const until = Math.min(k, left + high);
      let [p, q] = [next[a]!, b < m ? next[b]! : 0];
      const [endA, endB] = [pos[a + 1]!, b < m ? pos[b + 1]! : 0];
      const bounds = 4 * (block * pairs + pair);
      const [first, begin] = [offset, value];
      let [ofA, ofB] = [0, 0];
      for (;;) {
        const i = p < endA ? crd[p]! : k;
        const j = q < endB ? crd[q]! : k;
        if (Math.min(i, j) >= until) break;
        if (i < j) alone[0][ofA++] = p++;
        else if (j < i) alone[1][ofB++] = q++;
        else {
          column(p);
          entry(p++);
          entry(q++);
        }
      }
      next[a] = p;
      if (b < m) next[b] = q;
      // Which row is the longer is known now: its value comes first.
      const swap = ofB > ofA;
      if (swap) for (let e = begin; e < value; e += 2) words.subarray(e, e + 2).reverse();
      const [longer, other] = swap ? [alone[1], alone[0]] : alone;
      words[bounds + 1] = 2 * first + Number(swap);
      words[bounds + 2] = value - sizes.values;
      const each = Math.min(ofA, ofB);
      for (let e = 0; e < each; e++)
        for (const of of [longer[e]!, other[e]!]) {
          column(of);
          entry(of);
        }
      words[bounds + 3] = value - sizes.values;
      for (let e = each; e < Math.max(ofA, ofB); e++) {
        column(longer[e]!);
        entry(longer[e]!);
      }
      words[bounds + 4] = value - sizes.values;
    }
  return words;
}
