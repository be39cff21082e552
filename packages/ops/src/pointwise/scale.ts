// scale: a tensor times one number that is fixed when the graph is made.
import { op, toDense, type Op } from '@lacuna/ir';

/** Attributes of {@link scale}. */
export interface ScaleAttrs {
  readonly factor: number;
}

/**
 * `scale(x, { factor })`: factor · x.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { scale } from '@lacuna/ops';
 * scale.spec.reference([assemble(dense(), [2], [1, 2])], { factor: -1 }); // Float64Array [-1, -2]
 * ```
 */
export const scale: Op<ScaleAttrs> = op<ScaleAttrs>({
  name: 'scale',
  arity: [1, 1],
  defaults: { factor: 1 },
  infer: ([x]) => x!,
  reference: ([x], { factor }) => Float64Array.from(toDense(x!), (v) => factor * v),
  // One of the factor itself, one of the product.
  roundings: () => 2,
  pointwise: true,
  zeroToZero: true,
  gradient: { rule: ({ apply, dy }, { factor }) => [apply(scale, [dy], { factor })] },
});
