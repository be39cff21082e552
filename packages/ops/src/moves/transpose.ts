// transpose: the dimensions of a tensor in another order.
import { op, stridesOf, toDense, type Op } from '@lacuna/ir';
import { refuse, show } from '../shapes.js';
import { strided } from './strided.js';

/** Attributes of {@link transpose}. */
export interface TransposeAttrs {
  /** Dimension d of the output is dimension `permutation[d]` of the input. */
  readonly permutation: readonly number[];
}

/**
 * `transpose(x, { permutation })`: what other libraries call permute, too.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { transpose } from '@lacuna/ops';
 * transpose.spec.reference([assemble(dense(), [2, 2], [1, 2, 3, 4])], { permutation: [1, 0] }); // Float64Array [1, 3, 2, 4]
 * ```
 */
export const transpose: Op<TransposeAttrs> = op<TransposeAttrs>({
  name: 'transpose',
  arity: [1, 1],
  defaults: { permutation: [] },
  infer([x], { permutation }) {
    if (permutation.length !== x!.length || !x!.every((_, dim) => permutation.includes(dim)))
      refuse(
        'transpose',
        `x ${show(x!)} and the permutation ${show(permutation)}`,
        `name each of 0..${x!.length - 1} once`,
      );
    return permutation.map((dim) => x![dim]!);
  },
  reference([x], { permutation }) {
    const strides = stridesOf(x!.shape);
    return strided(
      toDense(x!),
      permutation.map((dim) => x!.shape[dim]!),
      permutation.map((dim) => strides[dim]!),
    );
  },
  roundings: () => 0,
  view([x], { permutation }) {
    const moved = permutation.filter((dim) => x![dim] !== 1);
    return moved.every((dim, at) => at === 0 || moved[at - 1]! < dim);
  },
  gradient: {
    rule: ({ apply, dy }, { permutation }) => {
      const inverse = permutation.map((_, dim) => permutation.indexOf(dim));
      return [apply(transpose, [dy], { permutation: inverse })];
    },
  },
});
