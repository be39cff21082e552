// Compressed rows in pairs: a column that both rows have serves two sums, so that loads of x are fewer, and columns go
// in blocks whose part of a panel of x stays in L1. Of a constant csr the values lie in the kernel's order; of any other
// the order is kept beside the pattern, and values are put into it at each run.
//
//   beside the pattern, or prepared   ends   offsets u16   places u32, or values
import {
  anyLayout,
  dense,
  valueCount,
  type Layout,
  type OperandType,
  type Pattern,
  type Tensor,
} from '@lacuna/ir';
import { csc, csr } from '@lacuna/layouts';
import type { WasmOperand } from '../kernel.js';
import { registers } from './dense.js';
import { lastOf, sides, type Family } from './family.js';
import { pairing, pairSizes, past, stride, type PairSizes } from './pairing.js';
import { moved, type Positions } from './positions.js';

/** The number of an entry takes a bit less than a word. */
const most = 2 ** 29;

/** Multiply-adds at the best rate that it takes to put a value into order. */
const ordering = 12;

/** X in panels as even as possible, all of one stride. */
function even(k: number, n: number, transposed: boolean): Positions {
  const panels = Math.ceil(n / stride);
  const floats = panels * k * stride;
  return {
    floats,
    rows: k,
    arguments: (_, scratch) => [scratch, stride, 0, k * stride],
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

/** Positions below which most of a vector is empty, and a kernel that gathers is quicker. */
const least = 4;

/** Share of what six vectors reach, for tiles of so many. */
const narrow = [0.5, 0.5, 0.72, 0.85, 0.92, 0.97, 1];

function twins(name: string, layout: Layout, turned: boolean, constant: boolean): Family {
  const sizesOf = (w: OperandType): PairSizes => pairSizes(sides(w, turned), w.stored);
  const waiting = (w: OperandType): number => (sides(w, turned)[0] + 1) * stride;
  const structure = ({ prepared, derived }: WasmOperand): number => (constant ? prepared : derived);
  return {
    name,
    layout,
    ...(turned && { turned }),
    ...(constant && {
      prepare: ({ pattern, values }: Tensor) => {
        const sizes = pairSizes(pattern.shape as [number, number], values.length);
        const words = pairing(pattern, turned, sizes);
        const to = new Float32Array(words.buffer);
        for (let e = sizes.values; e < sizes.end; e++) to[e] = values[words[e]!] as number;
        return new Uint8Array(words.buffer);
      },
    }),
    ...(!constant && { derive: turned ? byColumns : byRows }),
    takes: (w) =>
      (w.constant || !constant) &&
      w.shape.length === 2 &&
      w.stored < most &&
      (layout !== anyLayout || (w.format.layout !== dense && w.format.layout !== csr)),
    panel: () => stride,
    ...(!turned && constant && { packs: stride }),
    lie: even,
    share: (w, n) => {
      if (n < least) return 0.02;
      const { pairs, blocks } = sizesOf(w);
      // Cycles of a pair's lists in a block: somewhat more than the 6 of 12 multiply-adds, and the ends.
      const each = w.stored / Math.max(1, 2 * pairs * blocks);
      const cycles = each * 6.5 + 45;
      const tile = Math.ceil(Math.ceil(n / 4) / Math.ceil(n / stride));
      return Math.max(0.02, (0.95 * (narrow[tile] ?? 1) * 6 * each) / cycles);
    },
    entry: () => (constant ? 0 : ordering),
    scratch: (w) => waiting(w) + (constant ? 0 : w.stored + past),
    before: (w, { scratch }) => {
      if (constant) return [];
      const { stored } = w.operand;
      const places = structure(w) + sizesOf(w.operand).values * 4;
      const args = [places, w.values, scratch + waiting(w.operand) * 4];
      return [{ name: 'gather', units: stored, args, work: stored * ordering, grain: 256 }];
    },
    bind: (exports, w, { x, n, bias, act, y, scratch }) => {
      const { m, k, pairs, blocks, offsets, values } = sizesOf(w.operand);
      const at = structure(w);
      const numbers = constant ? at + values * 4 : scratch + waiting(w.operand) * 4;
      const matrix = [blocks, at, at + offsets * 4, numbers];
      const args = [m, k, n, ...matrix, x[0], x[2], bias, act, ...y, registers(exports), scratch];
      const own = lastOf(args, waiting(w.operand) * 4);
      return { name: 'twins', units: pairs * Math.ceil(n / stride), args, own };
    },
  };
}

const byRows = (pattern: Pattern): Uint32Array =>
  pairing(pattern, false, pairSizes(pattern.shape as [number, number], valueCount(pattern)));
const byColumns = (pattern: Pattern): Uint32Array => {
  const [rows, columns] = pattern.shape as [number, number];
  return pairing(pattern, true, pairSizes([columns, rows], valueCount(pattern)));
};

/** Products with a csr whose values never change, and with any other layout: its entries are sorted when it is placed. */
export const twinsFamilies = [
  twins('twins', csr, false, true),
  twins('sorted-twins', anyLayout, false, true),
];
/** Products with the transpose of a csr, and with a csc, by an order that is kept beside the pattern. */
export const orderedFamilies = [
  twins('csr-ordered', csr, true, false),
  twins('csc-ordered', csc, false, false),
];
