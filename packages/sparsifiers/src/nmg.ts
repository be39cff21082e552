// n:m:g magnitude pruning: every pattern serves g columns of a chunk; which ones, is the question.
//
//     greedy   STen's: the best (column, pattern) first, among those that are still free
//     swaps    the greedy, and then columns exchange patterns as long as that keeps more magnitude
import {
  makePattern,
  sparsifier,
  walk,
  stridesOf,
  type Format,
  type Numbers,
  type Pattern,
  type Shape,
  type Sparsifier,
} from '@lacuna/ir';
import { assignColumns, nmg } from '@lacuna/layouts';
import { magnitudes } from './check.js';

/** What {@link nmgMagnitude} is told. */
export interface NmgOptions {
  readonly n: number;
  readonly m: number;
  readonly g: number;
  /** The dimension along which n of m are kept; 0, the outputs, by default. */
  readonly along?: number;
  /** The dimension along which columns are grouped; 1, the inputs, by default. */
  readonly group?: number;
  /** `swaps` by default; `greedy` gives STen's result to the bit. */
  readonly mode?: 'greedy' | 'swaps';
}

/**
 * Keeps n of every m so that in each chunk every pattern serves g columns, at the largest magnitude that
 * its mode finds. Goes with `nmg(n, m, g, along, group)`.
 *
 * @throws SparseError `format` for n > m, g = 0 and the like; `shape` where a dimension is missing;
 * `unsupported` for numbers that are not finite.
 * Source: STen, `GroupedNMTensor.from_dense`.
 * @example
 * ```ts
 * import { assemble, dense, sparsify } from '@lacuna/ir';
 * import { nmg } from '@lacuna/layouts';
 * import { nmgMagnitude } from '@lacuna/sparsifiers';
 * const weight = assemble(dense(), [2, 2], [1, 5, 7, 6]);
 * sparsify(weight, nmgMagnitude({ n: 1, m: 2, g: 1 }), nmg(1, 2, 1)).values; // Float32Array [5, 7]
 * ```
 */
export function nmgMagnitude(options: NmgOptions): Sparsifier {
  const { n, m, g, along = 0, group = 1, mode = 'swaps' } = options;
  const params = { n, m, g, along, group };
  const own = nmg(params); // refuses what is no n:m:g
  const assign = (numbers: Numbers, shape: Shape, format: Format): Pattern => {
    const exact = magnitudes('nmgMagnitude', numbers, shape);
    const sizes = exact instanceof Float32Array ? exact : new Float32Array(exact);
    const levels = own.layout.spec.levels(own.params, shape); // refuses a shape without the dimensions
    const data = assignColumns(params, shape, sizes, mode);
    return makePattern(format, shape, [{ level: levels.length - 2, role: 'crd', data }]);
  };
  return sparsifier({
    name: 'nmgMagnitude',
    kind: 'blocking',
    params: { ...params, mode },
    ...(mode === 'greedy' && { rule: { keeps: 'greedy' as const, format: own } }),
    keep(numbers, shape) {
      const kept = new Uint8Array(numbers.length);
      const strides = stridesOf(shape);
      walk(assign(numbers, shape, own), (coordinates) => {
        kept[coordinates.reduce((flat, c, dim) => flat + c * strides[dim]!, 0)] = 1;
      });
      return kept;
    },
    assign(numbers, shape, format) {
      const same =
        format.layout === nmg &&
        Object.entries(params).every(([name, value]) => format.params[name] === value);
      return same ? assign(numbers, shape, format) : undefined;
    },
  });
}
