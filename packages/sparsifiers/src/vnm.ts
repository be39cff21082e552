// v:n:m magnitude pruning (VENOM): in each tile of v rows and m columns the four columns of the largest sums stay,
// and of those four every row keeps its n largest. The layout makes that choice; here it is what is kept.
import {
  assignedPattern,
  flatIndex,
  outside,
  sparsifier,
  type Format,
  type Numbers,
  type Pattern,
  type Shape,
  type Sparsifier,
} from '@lacuna/ir';
import { vnm } from '@lacuna/layouts';
import { magnitudes } from './check.js';

/**
 * Keeps n of four columns a row, the four chosen for each tile of v × m. Goes with `vnm(v, n, m)`.
 *
 * @throws SparseError `format` for parameters that `vnm` refuses; `unsupported` for numbers that are not finite.
 * Source: VENOM, Castro et al., 2023.
 * @example
 * ```ts
 * import { assemble, dense, sparsify } from '@lacuna/ir';
 * import { vnm } from '@lacuna/layouts';
 * import { vnmMagnitude } from '@lacuna/sparsifiers';
 * const w = assemble(dense(), [1, 5], [1, 5, 7, 6, 2]);
 * sparsify(w, vnmMagnitude({ v: 1, n: 2, m: 5 }), vnm(1, 2, 5)).values; // Float32Array [7, 6]
 * ```
 */
export function vnmMagnitude(params: {
  readonly v: number;
  readonly n: number;
  readonly m: number;
}): Sparsifier {
  const { v, n, m } = params;
  const own = vnm({ v, n, m }); // refuses what is no v:n:m
  const assign = (numbers: Numbers, shape: Shape, format: Format): Pattern =>
    assignedPattern(format, shape, new Float32Array(magnitudes('vnmMagnitude', numbers, shape)));
  return sparsifier({
    name: 'vnmMagnitude',
    kind: 'blocking',
    params: { v, n, m },
    rule: { keeps: 'greedy', format: own },
    keep(numbers, shape) {
      const kept = new Uint8Array(numbers.length);
      for (const flat of flatIndex(assign(numbers, shape, own)))
        if (flat !== outside) kept[flat] = 1;
      return kept;
    },
    assign(numbers, shape, format) {
      const { v: rows, n: few, m: columns } = format.params;
      const same = format.layout === vnm && rows === v && few === n && columns === m;
      return same ? assign(numbers, shape, format) : undefined;
    },
  });
}
