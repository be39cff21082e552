// Block pruning: whole blocks of the last two dimensions stay or go, the smallest Σ|x|, or sum of another score, first.
//
//     1 1 | 9 0       blocks of 2 × 2, fraction 0.5      . . | 9 0
//     1 1 | 0 0       Σ|x|  4  9                         . . | 0 0
//     ----+----             0  5                         ----+----
//     0 0 | 5 0                                          . . | 5 0
//     0 0 | 0 0       kept for bcsr(2,2)                 . . | 0 0
import {
  SparseError,
  sizeOf,
  sparsifier,
  type Numbers,
  type Shape,
  type Sparsifier,
} from '@lacuna/ir';
import { checkFraction, checkWhole, magnitudes } from './check.js';
import { dropCount, keepGreatest } from './rank.js';

/** What {@link blocks} is told. */
export interface BlocksOptions {
  readonly rows: number;
  readonly columns: number;
  /** The share of blocks to drop, 0..1. */
  readonly fraction: number;
  /** A sparsifier by whose score numbers are added up; |x| by default. */
  readonly by?: Sparsifier;
}

/**
 * Drops a fraction of the blocks of `rows × columns`, the smallest Σ|x| first (ties by index). Blocks at
 * the edges are as large as the shape allows. Goes with `bcsr(rows, columns)`. `by` orders blocks by another score.
 *
 * @throws SparseError `unsupported` for a bad fraction or size, a sparsifier without a score, and numbers that are
 * not finite; `shape` for fewer than two dimensions.
 * @example
 * ```ts
 * import { blocks, wanda } from '@lacuna/sparsifiers';
 * blocks({ rows: 1, columns: 2, fraction: 0.5 }).keep(Float32Array.of(1, 1, 3, 0), [1, 4]); // Uint8Array [0, 0, 1, 1]
 * const salient = blocks({ rows: 1, columns: 2, fraction: 0.5, by: wanda({ fraction: 0 }) });
 * salient.keep(Float32Array.of(1, 1, 3, 0), [1, 4], { norm: Float32Array.of(9, 9, 1, 1) }); // Uint8Array [1, 1, 0, 0]
 * ```
 */
export function blocks({ rows, columns, fraction, by }: BlocksOptions): Sparsifier {
  checkFraction('blocks', fraction);
  checkWhole('blocks', { rows, columns }, 1);
  const score = by ? by.score : (x: Numbers, of: Shape) => magnitudes('blocks', x, of);
  if (!score)
    throw new SparseError('unsupported', `${by!.print()} has no score to add up over blocks`, {
      hint: 'write one that has, such as by: snip({ fraction: 0 }), or scored({ … })',
    });
  return sparsifier({
    name: 'blocks',
    kind: 'materialising',
    params: { rows, columns, fraction, ...(by && { by: by.name }) },
    ...(by?.needs && { needs: by.needs }),
    ...(!by && {
      rule: { keeps: 'blocks', rows, columns, drop: (count) => dropCount(fraction, count) },
    }),
    at: (other) => blocks({ rows, columns, fraction: other, ...(by && { by }) }),
    keep(numbers, shape, auxiliary) {
      const { blockOf, count } = grid(shape, rows, columns);
      const sums = new Float64Array(count);
      score(numbers, shape, auxiliary).forEach((x, at) => (sums[blockOf(at)]! += x));
      const kept = new Uint8Array(count);
      keepGreatest(sums, 0, count, dropCount(fraction, count), kept);
      return Uint8Array.from(numbers, (_, at) => kept[blockOf(at)]!);
    },
  });
}

/** Numbers the blocks of a shape in row-major order. */
function grid(
  shape: Shape,
  rows: number,
  columns: number,
): { blockOf: (flat: number) => number; count: number } {
  const [height, width] = shape.slice(-2);
  if (height === undefined || width === undefined)
    throw new SparseError(
      'shape',
      `blocks cuts the last two dimensions, and the shape is [${shape.join(', ')}]`,
      { hint: 'reshape the tensor to two dimensions or more' },
    );
  const [down, across] = [Math.ceil(height / rows), Math.ceil(width / columns)];
  return {
    count: sizeOf(shape.slice(0, -2)) * down * across,
    blockOf(flat) {
      const row = Math.floor(flat / width);
      const matrix = Math.floor(row / height);
      const block = Math.floor((row % height) / rows);
      return (matrix * down + block) * across + Math.floor((flat % width) / columns);
    },
  };
}
