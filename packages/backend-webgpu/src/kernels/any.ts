// Any layout on the left, as it is or transposed, over the values as they are stored. Beside a pattern lies an
// order of its entries by rows, or by columns: which column, which value. It is made once a pattern, by its flat
// index, so that a step of training pays nothing for it.
//
//   W      a . b      W by columns   pos    0 2 3 4          dX = Wᵀ·G: row j of dX is a stream like a row of
//          c d .                     row    0 1 | 1 | 0      csr, whose values are w[place]
//   stored a b c d                   place  0 2 | 3 | 1
//
//            bytes: 8 an entry beside its value. A thread makes one row by its vectors of columns, as csr does:
//            no two threads write one place, so that no atomics are needed and the bits are always the same.
import {
  anyLayout,
  dense,
  flatIndex,
  outside,
  type Derive,
  type Layout,
  type OperandType,
} from '@lacuna/ir';
import { bitmask, vnm } from '@lacuna/layouts';
import type { Family } from './family.js';
import { streams, walkOf, type Stream } from './streams.js';
import { countsOf, isUneven } from './uneven.js';

const whole = (words: number): number => Math.ceil(words / 4) * 4;

/** Words where coordinates and places start, for a matrix of `rows` as the product sees it. */
function starts(rows: number, stored: number): readonly [crd: number, place: number] {
  const crd = whole(rows + 1);
  return [crd, crd + whole(stored)];
}

/** A function that orders the entries of a matrix by its rows, or by its columns. */
const ordered =
  (turned: boolean): Derive =>
  (pattern) => {
    const index = flatIndex(pattern);
    const [m, k] = pattern.shape as [number, number];
    const rows = turned ? k : m;
    const [crd, place] = starts(rows, index.length);
    const out = new Uint32Array(place + whole(index.length));
    const row = (flat: number): number => (turned ? flat % k : Math.floor(flat / k));
    for (const flat of index) if (flat !== outside) out[row(flat) + 1]!++;
    for (let i = 0; i < rows; i++) out[i + 1]! += out[i]!;
    const next = out.slice(0, rows);
    index.forEach((flat, at) => {
      if (flat === outside) return;
      const q = next[row(flat)]!++;
      out[crd + q] = turned ? Math.floor(flat / k) : flat % k;
      out[place + q] = at;
    });
    return out;
  };

const stream: Stream = {
  key: 'any',
  params: ['pos', 'place'],
  width: 'uint32',
  bounds: 'let begin = s[p.pos + item]; let end = s[p.pos + item + 1u];',
  column: (_, e) => e,
  place: (q) => `s[p.place + ${q}]`,
  ragged: false,
};

/** Layouts that are read as they are, in fewer bytes, unless rows are to be cut. */
const itself: ReadonlySet<Layout> = new Set([bitmask, vnm]);

const { share, half: _, ...rest } = streams(() => stream);

function anyOf(turned: boolean): Family {
  return {
    ...rest,
    name: turned ? 'any-turned' : 'any',
    layout: anyLayout,
    ...(turned && { turned }),
    derive: ordered(turned),
    uneven: {
      walk: (w) => walkOf(stream, w),
      counts: (pattern) => countsOf(pattern, turned),
    },
    beside: ({ stored }) => 8 * stored,
    takes: ({ shape, format, pattern }: OperandType) =>
      shape.length === 2 &&
      format.layout !== dense &&
      (turned || !itself.has(format.layout) || !pattern || isUneven(countsOf(pattern, false))),
    share: (w, n) => 0.8 * share(w, n),
    bind: ({ operand: { shape, stored }, derived, values }) => {
      const [crd, place] = starts(shape[turned ? 1 : 0]!, stored);
      return { params: [crd, 0, place], buffers: [derived, values] };
    },
  };
}

/** Products with any layout. */
export const anyFamily = anyOf(false);
/** Products with the transpose of any layout: gradients of what a sparse weight was multiplied with. */
export const anyTurned = anyOf(true);
