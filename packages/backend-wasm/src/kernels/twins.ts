// CSR with constant values, in a form of the kernel's own: rows go in pairs, and a column that both rows have serves
// two sums, so that the loads of x are fewer than the multiply-adds from a quarter of density on. Columns go in blocks,
// whose part of a panel of x stays in L1.
//
//   prepared   ends u32[blocks][pairs][4]   lists: (offset, v, w) of both rows, (offset, offset, v, w), (offset, v)
import { bufferOf, type OperandType, type Tensor } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { registers } from './dense.js';
import type { Family } from './family.js';
import { moved, type Positions } from './positions.js';

/** Positions from one row of a panel to the next. */
const stride = 24;
/** Offsets are words, and bit 0 of where lists begin is taken. */
const most = 2 ** 27;

interface Sizes {
  readonly m: number;
  readonly k: number;
  readonly pairs: number;
  /** Blocks of columns, and the columns of one. */
  readonly blocks: number;
  readonly high: number;
}

/** The columns of a block: so many that the ends of lists cost little, and no more than L1 likes. */
function sizesOf({ shape, stored }: Pick<OperandType, 'shape' | 'stored'>): Sizes {
  const [m, k] = shape as [number, number];
  const density = stored / Math.max(1, m * k);
  const wanted = density > 0.3 ? 192 : density > 0.07 ? 384 : 768;
  const blocks = Math.max(1, Math.round(k / wanted));
  return { m, k, pairs: Math.ceil(m / 2), blocks, high: Math.ceil(k / blocks) };
}

const endsBytes = ({ blocks, pairs }: Sizes): number => blocks * pairs * 16;

/** Rows of a csr two by two. */
function paired(tensor: Tensor): Uint8Array {
  const { pattern, shape } = tensor;
  const values = tensor.values as Float32Array;
  const sizes = sizesOf({ shape, stored: values.length });
  const { m, k, pairs, blocks, high } = sizes;
  const [pos, crd] = [bufferOf(pattern, 1, 'pos'), bufferOf(pattern, 1, 'crd')];
  // Lists of single columns are the longest form, 8 bytes an entry.
  const bytes = new Uint8Array(endsBytes(sizes) + values.length * 8);
  const ends = new Uint32Array(bytes.buffer, 0, blocks * pairs * 4);
  const words = new Uint32Array(bytes.buffer, endsBytes(sizes));
  const floats = new Float32Array(bytes.buffer, endsBytes(sizes));
  const alone = [new Uint32Array(high), new Uint32Array(high)] as const;
  const next = Uint32Array.from(pos.subarray(0, m));
  let at = 0;
  const offset = (q: number): void => void (words[at++] = crd[q]! * stride * 4);
  const value = (q: number): void => void (floats[at++] = values[q]!);

  for (let block = 0; block < blocks; block++)
    for (let pair = 0; pair < pairs; pair++) {
      const [a, b] = [2 * pair, 2 * pair + 1];
      const until = Math.min(k, (block + 1) * high);
      let [p, q] = [next[a]!, b < m ? next[b]! : 0];
      const [endA, endB] = [pos[a + 1]!, b < m ? pos[b + 1]! : 0];
      const bounds = 4 * (block * pairs + pair);
      const begin = at;
      let [ofA, ofB] = [0, 0];
      for (;;) {
        const i = p < endA ? crd[p]! : k;
        const j = q < endB ? crd[q]! : k;
        if (Math.min(i, j) >= until) break;
        if (i < j) alone[0][ofA++] = p++;
        else if (j < i) alone[1][ofB++] = q++;
        else {
          // Which row is the longer is known at the end; until then v is of the first.
          offset(p);
          value(p++);
          value(q++);
        }
      }
      next[a] = p;
      if (b < m) next[b] = q;
      const swap = ofB > ofA;
      if (swap) for (let e = begin; e < at; e += 3) exchange(words, e + 1, e + 2);
      const [longer, other] = swap ? [alone[1], alone[0]] : alone;
      const [each, all] = [Math.min(ofA, ofB), Math.max(ofA, ofB)];
      [ends[bounds], ends[bounds + 1]] = [4 * begin + Number(swap), 4 * at];
      for (let e = 0; e < each; e++) {
        offset(longer[e]!);
        offset(other[e]!);
        value(longer[e]!);
        value(other[e]!);
      }
      ends[bounds + 2] = 4 * at;
      for (let e = each; e < all; e++) {
        offset(longer[e]!);
        value(longer[e]!);
      }
      ends[bounds + 3] = 4 * at;
    }
  return bytes.subarray(0, endsBytes(sizes) + 4 * at);
}

function exchange(list: Uint32Array, i: number, j: number): void {
  const kept = list[i]!;
  [list[i], list[j]] = [list[j]!, kept];
}

/** X in panels as even as possible, all of one stride. */
function even(k: number, n: number, transposed: boolean): Positions {
  const panels = Math.ceil(n / stride);
  const floats = panels * k * stride;
  return {
    floats,
    rows: k,
    arguments: (_, scratch) => [scratch, stride, stride, k * stride],
    pack: (x, scratch) => [
      {
        name: 'pack_even',
        units: panels,
        args: [k, n, Number(transposed), x, transposed ? k : n, scratch],
        work: floats * moved,
      },
    ],
  };
}

/** Share of peak of a tile of so many vectors. */
const narrow = [0.35, 0.35, 0.62, 0.8, 0.92, 0.97, 1];

/** Products with a constant csr on the left. */
export const twinsFamily: Family = {
  name: 'twins',
  layout: csr,
  prepare: paired,
  takes: ({ constant, shape, stored }) =>
    constant && shape.length === 2 && stored < most && shape[1]! * stride * 4 < 2 ** 31,
  panel: () => stride,
  lie: even,
  share: (w, n) => {
    const { m, k, pairs, blocks } = sizesOf(w);
    const density = w.stored / Math.max(1, m * k);
    // Cycles of a pair's lists in a block: 6 for 12 multiply-adds of both, 8 for those of either, and the ends.
    const each = w.stored / Math.max(1, 2 * pairs * blocks);
    const cycles = each * (8 - 2 * density) + 45;
    const tile = Math.ceil(Math.ceil(n / 4) / Math.ceil(n / stride));
    return Math.max(0.02, (0.95 * (narrow[tile] ?? 1) * 6 * each) / cycles);
  },
  scratch: ({ shape }) => (shape[0]! + 1) * stride,
  bind: (exports, { operand, prepared }, { x, n, bias, act, y, scratch }) => {
    const sizes = sizesOf(operand);
    const { m, k, pairs, blocks } = sizes;
    const lists = [blocks, prepared, prepared + endsBytes(sizes)];
    const args = [m, k, n, ...lists, x[0], bias, act, y, n, registers(exports), scratch];
    return { name: 'twins', units: pairs, args };
  },
};
