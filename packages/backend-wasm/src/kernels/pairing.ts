// Compressed rows two by two, as the kernel `twins` reads them: columns in blocks, rows that have as many entries
// in a block beside each other, and of each pair which columns both rows have, and which one alone. It is made of a pattern once. With it goes
// where each value is stored.
//
//   row p   a b . c . d      mixed  a,e b g     offsets of 0, 1 2     one of both, one of each, while there are
//   row q   e . g h . .      both   c,h         offset of 3           or each, where those of both end first
//                            rest   d           offset of 5
import { outside, type Pattern } from '@lacuna/ir';
import { longestFirst, rowsOf } from './compressedrows.js';

/** Positions from one row of a panel to the next. */
export const stride = 24;

/** Bytes that an offset counts. */
const unit = 8;

/** Columns of a block at most: its part of a panel stays in L1, or in L2 where rows have few entries to make up for it. */
const [highest, sparse] = [640, 4096];

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

/** Values that are read past the last. */
export const past = 2;

/** Of m rows and k columns with so many entries. */
export function pairSizes([m, k]: readonly [number, number], stored: number): PairSizes {
  const few = stored < 0.07 * m * k;
  const blocks = Math.max(1, Math.ceil(k / (few ? sparse : highest)));
  const pairs = Math.ceil(m / 2);
  const offsets = 8 * blocks * pairs;
  const values = offsets + Math.ceil(stored / 2);
  const high = Math.ceil(k / blocks);
  return { m, k, pairs, blocks, high, offsets, values, end: values + stored };
}

/** Ends, offsets, and of each value its place among those that are stored. */
export function pairing(pattern: Pattern, turned: boolean, sizes: PairSizes): Uint32Array {
  const { m, k, pairs, blocks, high } = sizes;
  const rows = rowsOf(pattern, turned);
  const { pos, crd, place } = rows;
  const words = new Uint32Array(sizes.end + past).fill(outside, sizes.values);
  const offsets = new Uint16Array(words.buffer, 4 * sizes.offsets);
  const order = longestFirst(rows, m, blocks, high);
  const next = Uint32Array.from({ length: m + 1 }, (_, i) => pos[i]!);
  const [both, first, second] = [
    new Uint32Array(2 * high),
    new Uint32Array(high),
    new Uint32Array(high),
  ];
  let [value, offset, left] = [0, 0, 0];
  const add = (q: number): void => {
    offsets[offset++] = ((crd[q]! - left) * stride * 4) / unit;
    words[sizes.values + value++] = place ? place[q]! : q;
  };

  for (let block = 0; block < blocks; block++)
    for (let pair = 0; pair < pairs; pair++) {
      left = block * high;
      const until = Math.min(k, left + high);
      const [a, b] = [order[2 * pair]!, order[2 * pair + 1] ?? m];
      let [p, q] = [next[a]!, next[b]!];
      const [endA, endB] = [pos[a + 1]!, b < m ? pos[b + 1]! : q];
      let [shared, ofA, ofB] = [0, 0, 0];
      for (;;) {
        const i = p < endA ? crd[p]! : k;
        const j = q < endB ? crd[q]! : k;
        if (Math.min(i, j) >= until) break;
        if (i < j) first[ofA++] = p++;
        else if (j < i) second[ofB++] = q++;
        else [both[2 * shared], both[2 * shared++ + 1]] = [p++, q++];
      }
      [next[a], next[b]] = [p, q];
      const swap = ofB > ofA;
      const [longer, other] = swap ? [second, first] : [first, second];
      const ends = words.subarray(8 * (block * pairs + pair));
      [ends[0], ends[1]] = [value, offset];
      const [most, each] = [Math.max(ofA, ofB), Math.min(ofA, ofB)];
      const addBoth = (e: number): void => {
        add(both[2 * e + Number(swap)]!);
        add(both[2 * e + Number(!swap)]!);
        offset--;
      };
      const addEach = (e: number): void => {
        add(longer[e]!);
        add(other[e]!);
      };
      const mixed = Math.min(shared, each);
      for (let e = 0; e < mixed; e++) {
        addBoth(e);
        addEach(e);
      }
      // The last round may want one of each.
      const odd = Number(shared > mixed);
      if (odd) addBoth(mixed);
      ends[2] = value;
      for (let e = mixed; e < each; e++) addEach(e);
      ends[3] = value;
      for (let e = mixed + odd; e < shared; e++) addBoth(e);
      ends[4] = value;
      for (let e = each; e < most; e++) add(longer[e]!);
      ends[5] = value;
      [ends[6], ends[7]] = swap ? [b, a] : [a, b];
    }
  return words;
}
