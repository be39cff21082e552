// What a sparsifier keeps, as data: kernels cannot call its `keep`. A rule goes by |x| or by places alone and says what `keep`
// does, to the bit; a sparsifier without one is run on the host.
import type { Format, Shape } from './layout.js';

/**
 * Numbers that are compared with each other: all of a tensor; those that differ in all coordinates but the last; or
 * `size` neighbours along a dimension, all of them where it is absent. −1 is the last dimension.
 */
export type Runs = 'tensor' | 'columns' | { readonly along: number; readonly size?: number };

/** What is kept, of which numbers. Where a number is not finite, all rules but the first and `fixed` refuse. */
export type KeepRule =
  | { readonly keeps: 'nonzero' }
  /** What is not zero and at least `least` in magnitude, or `least` times the largest of its run. */
  | { readonly keeps: 'large'; readonly least: number; readonly of?: Runs }
  /** All of a run but the `drop(count)` least of its `count` numbers; of equal ones the first or the last stay. */
  | {
      readonly keeps: 'greatest';
      readonly of: Runs;
      readonly drop: (count: number) => number;
      readonly ties: 'first' | 'last';
    }
  /**
   * All of the blocks of `rows × columns` that the last two dimensions are cut into, smaller ones at their ends, but the
   * `drop(count)` of the least Σ|x|, added up in double precision in row-major order; of equal ones the last stay.
   */
  | {
      readonly keeps: 'blocks';
      readonly rows: number;
      readonly columns: number;
      readonly drop: (count: number) => number;
    }
  /** n of each row and each column of m × m blocks of the last two dimensions, the best or from the largest on. */
  | { readonly keeps: 'transposable'; readonly n: number; readonly m: number }
  /** The places of a mask that goes by the shape alone, one byte an element; no number is refused. */
  | { readonly keeps: 'fixed'; readonly of: (shape: Shape) => Uint8Array }
  /** The places that a format's greedy choice takes, such as STen's of n:m:g, or VENOM's of v:n:m. */
  | { readonly keeps: 'greedy'; readonly format: Format };
