// The columns of an n:m:g in the order in which several blocks of rows can share them: sorted by the patterns that
// the blocks have at a column, over all of K. The table is made once a pattern and read in place of the coordinates.
//
//   pattern of block 0    0 ──────────────────► 1 ─────────►      of each combination of patterns: where its columns
//   pattern of block 1    0 ► 1 ──► 2 ─► 3 ─►   0 ► 1 ──► …       end, 16 bits; then of each column one word:
//   columns               3 9 1 7 4 2 8 0 5     6 …               chunk | column in it | place in the groups of 1, of 0
//
//            bytes: 4 a column for two or three blocks and 2 for one, where coordinates are 2 a column and block.
import { bufferOf, levelsOf, type Derive, type OperandType, type Pattern } from '@lacuna/ir';

/** An n:m:g as its loops see it. */
export interface Nmg {
  readonly n: number;
  readonly m: number;
  readonly g: number;
  readonly patterns: number;
}

type Kind = Pick<OperandType, 'format' | 'shape'>;

/** Parameters of an n:m:g. */
export function paramsOf({ format, shape }: Kind): Nmg {
  const { n, m, g } = format.params as { n: number; m: number; g: number };
  return { n, m, g, patterns: levelsOf(format, shape)[2]!.size };
}

/** How a table is laid out. */
export interface Table extends Nmg {
  /** Blocks that share columns. */
  readonly blocks: number;
  /** Bits of a column's word: as many as coordinates have of so many blocks, or fewer. */
  readonly bits: 16 | 32;
  /** Of these: a place in the group of a pattern, one a block, and above them the column in its chunk. */
  readonly place: number;
  readonly column: number;
  /** Words before the columns: the ends of all combinations. */
  readonly head: number;
}

/** Columns that a combination of patterns has on average, at least: starting its loop takes as long as two of them. */
const few = 8;
/** Rows of sums that a thread keeps, at most. */
const rows = 16;

const bitsOf = (count: number): number => Math.ceil(Math.log2(count));

/** The table for as many blocks as there are columns for; undefined where its words cannot hold the places. */
export function tableOf(w: Kind): Table | undefined {
  const params = paramsOf(w);
  const { m, g, patterns } = params;
  const k = w.shape[1]!;
  if (k >= 65536) return undefined;
  const [place, column] = [bitsOf(g), bitsOf(patterns * g)];
  const chunk = bitsOf(Math.ceil(k / (patterns * g)));
  const bitsFor = (blocks: number): 16 | 32 => (blocks === 1 ? 16 : 32);
  const blocks = [3, 2, 1].find(
    (count) =>
      chunk + column + count * place <= bitsFor(count) &&
      (count === 1 || (few * patterns ** count <= k && count * m <= rows)),
  );
  if (blocks === undefined) return undefined;
  const head = Math.ceil(patterns ** blocks / 2);
  return { ...params, blocks, bits: bitsFor(blocks), place, column, head };
}

/** Words of a group of blocks, for K columns. */
export const tableWords = ({ head, bits }: Table, k: number): number =>
  head + Math.ceil((k * bits) / 32);

/** For each group of blocks: the ends of its combinations, and its columns. */
export const sortedColumns: Derive = (pattern: Pattern) => {
  const table = tableOf(pattern);
  if (!table) return new Uint32Array(1);
  const { g, patterns, blocks, bits, place, column, head } = table;
  const [span, k, down] = [patterns * g, pattern.shape[1]!, pattern.levels[1]!.size];
  const groups = Math.ceil(down / blocks);
  const words = tableWords(table, k);
  const out = new Uint32Array(groups * words);
  for (let group = 0; group < groups; group++) {
    const from = group * words;
    const all = Array.from({ length: blocks }, (_, b) => placesOf(pattern, group * blocks + b));
    const combined = Array.from({ length: k }, (_, j) =>
      all.reduce((sum, places) => sum * patterns + Math.floor(places[j]! / g), 0),
    );
    const next = new Uint32Array(patterns ** blocks + 1);
    for (const each of combined) next[each + 1]!++;
    for (let c = 1; c < next.length; c++) {
      next[c]! += next[c - 1]!;
      out[from + ((c - 1) >> 1)]! |= next[c]! << (((c - 1) & 1) * 16);
    }
    for (let j = 0; j < k; j++) {
      let word = ((Math.floor(j / span) << column) | (j % span)) << (blocks * place);
      all.forEach((places, b) => (word |= (places[j]! % g) << (b * place)));
      const at = next[combined[j]!]!++ * bits;
      out[from + head + (at >> 5)]! |= word << (at & 31);
    }
  }
  return out;
};

/** The place of each column among those of its chunk in a block; 0 for all where there is no such block. */
function placesOf(pattern: Pattern, block: number): Uint32Array {
  const { g, patterns } = paramsOf(pattern);
  const [span, k, down] = [patterns * g, pattern.shape[1]!, pattern.levels[1]!.size];
  const crd = bufferOf(pattern, 3, 'crd');
  const places = new Uint32Array(k);
  if (block < down)
    for (let at = 0; at < Math.ceil(k / span) * span; at++) {
      const chunk = Math.floor(at / span);
      const j = chunk * span + crd[(chunk * down + block) * span + (at % span)]!;
      if (j < k) places[j] = at % span;
    }
  return places;
}
