// What the assignment algorithms look at: one block of m rows of one chunk of C·g columns, as magnitudes,
// and the score of each column under each pattern.
//
//     score(q, p) = Σ_i |x[q][order[p][i]]|      float32, summed in pattern order (STen's to the bit)
import { patternCount, patternTable } from './order.js';

/** Parameters of an n:m:g format, by name. */
export interface NmgParams {
  readonly n: number;
  readonly m: number;
  readonly g: number;
  readonly along: number;
  readonly group: number;
}

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
  /** |x| of column q at `q·m ..`; zero outside of the tensor. */
  readonly magnitude: Float32Array;
  /** Score of column q under pattern p, after {@link Block.fill}. */
  readonly score: (column: number, pattern: number) => number;
  /** To be called when `magnitude` has changed. */
  readonly fill: () => void;
}

/** Scores that are kept; beyond, they are computed each time they are asked for. */
const kept = 2 ** 24;

/** Memory for one block of an n:m:g format. */
export function makeBlock({ n, m, g }: Pick<NmgParams, 'n' | 'm' | 'g'>): Block {
  const patterns = patternCount(n, m);
  const columns = patterns * g;
  const order = Uint16Array.from(patternTable(n, m));
  const magnitude = new Float32Array(columns * m);
  const sum = (column: number, pattern: number): number => {
    let total = 0;
    for (let i = 0; i < n; i++)
      total = Math.fround(total + magnitude[column * m + order[pattern * n + i]!]!);
    return total;
  };
  const block = { n, m, g, patterns, columns, order, magnitude };
  if (columns * patterns > kept) return { ...block, score: sum, fill: () => {} };
  const scores = new Float32Array(columns * patterns);
  return {
    ...block,
    score: (column, pattern) => scores[column * patterns + pattern]!,
    fill() {
      for (let q = 0, at = 0; q < columns; q++)
        for (let p = 0; p < patterns; p++) scores[at++] = sum(q, p);
    },
  };
}
