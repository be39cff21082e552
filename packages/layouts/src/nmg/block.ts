// What the assignment algorithms look at: one block of m rows of one chunk of C·g columns, as magnitudes,
// and the score of each column under each pattern.
//
//     score(q, p) = Σ_i |x[q][order[p][i]]|      float32, summed in pattern order (STen's to the bit)
import { SparseError } from '@lacuna/ir';
import { patternCount, patternTable } from './order.js';

/** Parameters of an n:m:g format, by name. */
export type NmgParams = Readonly<Record<'n' | 'm' | 'g' | 'along' | 'group', number>>;

/** Which column every place has: places p·g .. p·g+g-1 are those of pattern p. */
export type Places = Uint32Array;

/** One block of one chunk. The arrays are refilled for the next one. */
export interface Block {
  readonly n: number;
  readonly m: number;
  readonly g: number;
  /** C, m choose n. */
  readonly patterns: number;
  /** C·g. */
  readonly columns: number;
  /** Rows of pattern p at `p·n ..`. */
  readonly order: Uint16Array;
  /** |x| of row r at `r·columns ..`; zero outside of the tensor. */
  readonly magnitude: Float32Array;
  /** Scores of column q at `q·patterns ..`, as {@link scoreAll} left them. */
  readonly scores: Float32Array;
}

/** Scores that fit an array of 1 GB. */
const limit = 2 ** 28;

/** Memory for one block of an n:m:g format. */
export function makeBlock({ n, m, g }: Pick<NmgParams, 'n' | 'm' | 'g'>): Block {
  const patterns = patternCount(n, m);
  const columns = patterns * g;
  if (columns * patterns > limit)
    throw new SparseError(
      'capacity',
      `nmg(${n},${m},${g}) asks for the scores of ${columns} columns under ${patterns} patterns`,
      { hint: 'choose a smaller m or g' },
    );
  return {
    n,
    m,
    g,
    patterns,
    columns,
    order: Uint16Array.from(patternTable(n, m)),
    magnitude: new Float32Array(columns * m),
    scores: new Float32Array(columns * patterns),
  };
}

/** Computes a block's scores from its magnitudes. */
export function scoreAll({ n, patterns, columns, order, magnitude, scores }: Block): void {
  for (let p = 0; p < patterns; p++) {
    const first = order[p * n]! * columns;
    for (let q = 0; q < columns; q++) scores[q * patterns + p] = magnitude[first + q]!;
    for (let i = 1; i < n; i++) {
      const row = order[p * n + i]! * columns;
      // Each sum is rounded as it is stored.
      for (let q = 0, at = p; q < columns; q++, at += patterns) scores[at]! += magnitude[row + q]!;
    }
  }
}
