// embedding: a row of a table for each index.
//
//   y[…, :] = table[indices[…], :]
import { op, sizeOf, toDense, type Op } from '@lacuna/ir';
import { broadcast } from '../pointwise/broadcastto.js';
import { indexOf } from './lookup.js';
import { reshape } from './reshape.js';
import { scatterAdd } from './scatteradd.js';
import { checkRank } from '../shapes.js';

/**
 * `embedding(table [V, D], indices […])` → `[…, D]`. Indices are whole numbers of any type; one outside the
 * table gives a row of NaN.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { embedding } from '@lacuna/ops';
 * const [table, at] = [assemble(dense(), [2, 2], [1, 2, 3, 4]), assemble(dense(), [1], [1])];
 * embedding.spec.reference([table, at], {}); // Float64Array [3, 4]
 * ```
 */
export const embedding: Op = op({
  name: 'embedding',
  arity: [2, 2],
  defaults: {},
  infer([table, indices]) {
    checkRank('embedding', 'table', table!, ['V', 'D']);
    return [...indices!, table![1]!];
  },
  reference([table, indices]) {
    const [rows, width] = table!.shape as [number, number];
    const numbers = toDense(table!);
    const out = new Float64Array(sizeOf(indices!.shape) * width);
    toDense(indices!).forEach((v, at) => {
      const row = indexOf(v, rows);
      for (let k = 0; k < width; k++)
        out[at * width + k] = row < 0 ? NaN : numbers[row * width + k]!;
    });
    return out;
  },
  roundings: () => 0,
  magnitudes: (inputs) => embedding.spec.reference(inputs, {}).map((v) => Math.abs(v) || 0),
  gradient: {
    rule: ({ apply, dy, inputs, shapeOf, number }) => {
      const shape = shapeOf(inputs[0]!);
      const rows = [sizeOf(shapeOf(inputs[1]!)), shape[1]!];
      const zeros = apply(broadcast, [number(0)], { shape: [...shape] });
      const column = apply(reshape, [inputs[1]], { shape: [rows[0]!, 1] });
      const indices = apply(broadcast, [column], { shape: rows });
      const updates = apply(reshape, [dy], { shape: rows });
      return [apply(scatterAdd, [zeros, indices, updates], { axis: 0 }), undefined];
    },
  },
});
