// n:m:g by columns: a thread makes the rows of several blocks, and goes through the columns of a chunk as x has
// them, so that a loaded vector of x serves every block. What each block has at a column says a table that is
// made once a pattern, the coordinates of the layout the other way round, and takes as many bytes:
//
//   column j of the chunk      block b      block b + 1
//                              q = place    q = place     in the block's entries; its pattern is q / g
//
//            a column, two blocks of 2:4: 2 vectors of x, one word, 2 values a block, and 16 vector multiply-adds,
//            those of the zeros among them: no branch tells which sums a value goes to, so that the loop is that of
//            dense with fewer loads. Right where loads bound, as on a CPU; a card is bound by multiply-adds, and
//            takes the patterns as constants (nmg.ts), which makes n/m of them. Which is which, the race of dense
//            tiles tells as a backend comes up. Workgroups: M/(8·4) × N/(8·16) of 64 threads.
import { bufferOf, levelsOf, type Derive, type OperandType, type Pattern } from '@lacuna/ir';
import { patternOrder } from '@lacuna/layouts';
import type { Tuning } from '../kernel.js';
import { addTo, each, loadX, type Inner } from './family.js';
import { valuesOf } from './values.js';

/** Rows of sums that a thread keeps. */
const rows = 8;

/** An n:m:g as its loop sees it. */
export interface Nmg {
  readonly n: number;
  readonly m: number;
  readonly g: number;
  readonly patterns: number;
}

/** Parameters of an n:m:g. */
export function paramsOf({ format, shape }: Pick<OperandType, 'format' | 'shape'>): Nmg {
  const { n, m, g } = format.params as { n: number; m: number; g: number };
  return { n, m, g, patterns: levelsOf(format, shape)[2]!.size };
}

/** Blocks of a thread, and bits of a place in the table. */
function tile({ m, g, patterns }: Nmg): { readonly blocks: number; readonly bits: 8 | 16 } {
  const bits = patterns * g <= 256 ? 8 : 16;
  return { bits, blocks: Math.min(32 / bits, Math.max(1, Math.floor(rows / m))) };
}

/** Whether there is a table: sums fit, and zeros are few enough that multiplying by them is cheaper than a load. */
const fits = ({ n, m, g, patterns }: Nmg): boolean =>
  m <= rows && m <= 4 * n && patterns <= 16 && patterns * g <= 65536;

/** Whether the loop is the faster one for n positions. */
export const byColumns = (params: Nmg, { shared }: Tuning, n: number): boolean =>
  !shared && n >= 64 && fits(params);

/** For each chunk, each thread's blocks and each column: the place of the column in each block. */
export const placesByColumn: Derive = (pattern: Pattern) => {
  const params = paramsOf(pattern);
  if (!fits(params)) return new Uint32Array(1);
  const { blocks, bits } = tile(params);
  const span = params.patterns * params.g;
  const [chunks, down] = [pattern.levels[0]!.size, pattern.levels[1]!.size];
  const groups = Math.ceil(down / blocks);
  const crd = bufferOf(pattern, 3, 'crd');
  const out = new Uint32Array(chunks * groups * span);
  for (let chunk = 0; chunk < chunks; chunk++)
    for (let block = 0; block < down; block++) {
      const from = (chunk * down + block) * span;
      const to = (chunk * groups + Math.floor(block / blocks)) * span;
      const shift = (block % blocks) * bits;
      for (let q = 0; q < span; q++) out[to + crd[from + q]!]! |= q << shift;
    }
  return out;
};

/** The loop by columns. */
export function columnsInner(w: OperandType): Inner {
  const params = paramsOf(w);
  const values = valuesOf(w, false);
  const { n, m, g, patterns } = params;
  const { blocks, bits } = tile(params);
  const span = patterns * g;
  const order = patternOrder(n, m);
  /** Patterns, as bits, whose i-th row is `row`. */
  const holding = (row: number, i: number): number =>
    order.reduce((bits, kept, p) => bits | (Number(kept[i] === row) << p), 0) >>> 0;
  const weight = (row: number): string =>
    Array.from({ length: n }, (_, i) => i)
      .filter((i) => holding(row, i) !== 0)
      .reduce((rest, i) => `select(${rest}, v${i}, (${holding(row, i)}u & p1) != 0u)`, '0.0');
  const block = (b: number, wide: number): string => `{
  let q = extractBits(e, ${b * bits}u, ${bits}u);
  let p1 = 1u << (q / ${g}u);
  ${each(n, (i) => `let v${i} = ${values.value(`(values + ${b * span}u + q) * ${n}u + ${i}u`)};`)}
  ${each(m, (row) => `let w${row} = ${weight(row)};\n${addTo(b * m + row, wide, `w${row}`)}`)}
}`;
  return {
    key: `nmg columns ${n} ${m} ${g}`,
    rows: blocks * m,
    items: Math.ceil(Math.ceil(w.shape[0]! / m) / blocks),
    row: (r) => `item * ${blocks * m}u + ${r}u`,
    params: [],
    buffers: [{ name: 's', type: 'array<u32>' }],
    values,
    loop: (wide) => `
let down = (p.m + ${m - 1}u) / ${m}u;
for (var chunk = 0u; chunk * ${span}u < p.k; chunk++) {
  let first = chunk * ${span}u;
  let table = (chunk * p.items + item) * ${span}u;
  let values = (chunk * down + item * ${blocks}u) * ${span}u;
  let count = min(${span}u, p.k - first);
  for (var t = 0u; t < count; t++) {
    let e = s[table + t];
    ${loadX(wide, 'first + t')}
    ${each(blocks, (b) => block(b, wide))}
  }
}`,
  };
}
