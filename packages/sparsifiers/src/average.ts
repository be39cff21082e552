// Same-mask averaging: tensors that are stored at the same places have a mean that is stored there too. Others
// have not, and are refused (Zimmer et al., Sparse Model Soups, 2024).
import {
  encodeValues,
  isDense,
  makeTensor,
  SparseError,
  decodeValues,
  type Tensor,
} from '@lacuna/ir';

/**
 * The mean of tensors of the host that share one pattern; dense ones must be zero at the same places.
 *
 * @throws SparseError `lossy` where masks differ, since the mean would have more entries than any of them.
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { averageSameMask } from '@lacuna/sparsifiers';
 * const [a, b] = [assemble(dense, [3], [1, 0, 5]), assemble(dense, [3], [3, 0, 1])];
 * averageSameMask([a, b]).values; // Float32Array [2, 0, 3]
 * averageSameMask([a, assemble(dense, [3], [1, 1, 1])]); // throws lossy: 2 tensors of different masks were to be averaged; …
 * ```
 */
export function averageSameMask(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  if (!first)
    throw new SparseError('unsupported', 'the average of no tensors was asked for', {
      hint: 'give at least one',
    });
  const { pattern, dtype } = first;
  const all = tensors.map((t) => decodeValues(t.dtype, t.values));
  const same = tensors.every(
    (t, k) =>
      t.shape.join() === first.shape.join() &&
      (isDense(pattern.format)
        ? isDense(t.format) && all[k]!.every((x, at) => (x === 0) === (all[0]![at] === 0))
        : t.pattern === pattern || samePlaces(t, first)),
  );
  if (!same)
    throw new SparseError(
      'lossy',
      `${tensors.length} tensors of different masks were to be averaged`,
      {
        hint: 'train copies of one pruned model, which keep its masks',
      },
    );
  const mean = Float64Array.from(all[0]!, (_, at) => {
    let total = 0;
    for (const values of all) total += values[at]!;
    return total / all.length;
  });
  return makeTensor(pattern, dtype, encodeValues(dtype, mean));
}

/** Whether two patterns were made apart and are equal. */
function samePlaces({ pattern: a }: Tensor, { pattern: b }: Tensor): boolean {
  return (
    a.format.layout === b.format.layout &&
    a.checksum === b.checksum &&
    a.structure.length === b.structure.length &&
    a.structure.every((byte, at) => byte === b.structure[at])
  );
}
