// linear: rows of x times the transpose of w, as layers of networks are written.
//
//   y[…, m] = f( Σk x[…, k]·w[m, k] + bias[m] )
import { op, sizeOf, walk, toDense, type NodeId, type Op } from '@lacuna/ir';
import { activate, checkActivation, type Activation } from './activation.js';
import { checkBias, checkRank, refuse, show } from '../shapes.js';
import { placesOf, valuesOf } from './stored.js';
import { beforeActivation } from './backward.js';
import { matmul } from './matmul.js';
import { reshape } from '../moves/reshape.js';
import { sum } from '../reductions/sum.js';
import { transpose } from '../moves/transpose.js';

/** Attributes of {@link linear}. */
export interface LinearAttrs {
  readonly activation: Activation;
}

/**
 * `linear(x [..., K], w [M, K], bias? [M])` → `[..., M]`, any operand in any layout.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { linear } from '@lacuna/ops';
 * const x = assemble(dense(), [1, 2], [1, 2]);
 * const w = assemble(dense(), [3, 2], [1, 0, 0, 1, 1, 1]);
 * linear.spec.reference([x, w], { activation: 'none' }); // Float64Array [1, 2, 3]
 * ```
 */
export const linear: Op<LinearAttrs> = op<LinearAttrs>({
  name: 'linear',
  arity: [2, 3],
  defaults: { activation: 'none' },
  infer([x, w, bias], { activation }) {
    checkRank('linear', 'w', w!, ['M', 'K']);
    const [m, k] = [w![0]!, w![1]!];
    if (x!.length === 0 || x!.at(-1) !== k)
      refuse(
        'linear',
        `x ${show(x!)} and w ${show(w!)}`,
        `write x as [..., ${k}], or w as [${m}, ${x!.at(-1) ?? 'K'}]`,
      );
    checkBias('linear', bias, m, `w ${show(w!)}`);
    checkActivation('linear', activation);
    return [...x!.slice(0, -1), m];
  },
  reference([x, w, bias], { activation }) {
    const [m, k] = [w!.shape[0]!, w!.shape[1]!];
    const rows = sizeOf(x!.shape.slice(0, -1));
    const { numbers, stored } = placesOf(x!);
    const values = valuesOf(w!);
    const y = new Float64Array(rows * m);
    walk(w!.pattern, (at, position) => {
      const [row, column, value] = [at[0]!, at[1]!, values[position]!];
      for (let b = 0; b < rows; b++)
        if (!stored || stored[b * k + column]) y[b * m + row]! += value * numbers[b * k + column]!;
    });
    if (bias) {
      const add = toDense(bias);
      for (let at = 0; at < y.length; at++) y[at]! += add[at % m]!;
    }
    return activate(y, activation);
  },
  roundings: ([, w, bias]) => w![1]! + (bias ? 1 : 0),
  linearAttrs: (attrs) => ({ ...attrs, activation: 'none' }),
  gradient: {
    // dx = dy·W = (Wᵀ·dyᵀ)ᵀ, so that a sparse W stays on the left; dW = dyᵀ·x; dbias = Σ dy.
    rule: (scope, { activation }) => {
      const { apply, inputs, shapeOf, wants } = scope;
      const [x, w] = [inputs[0]!, inputs[1]!];
      const [m, k] = shapeOf(w) as [number, number];
      const n = sizeOf(shapeOf(x).slice(0, -1));
      const dy = apply(reshape, [beforeActivation(scope, activation)], { shape: [n, m] });
      const turned = (): NodeId => apply(matmul, [w, dy], { transposeA: true, transposeB: true });
      const dx = (): NodeId =>
        apply(reshape, [apply(transpose, [turned()], { permutation: [1, 0] })], {
          shape: [...shapeOf(x)],
        });
      const rows = (): NodeId => apply(reshape, [x], { shape: [n, k] });
      return [
        wants(0) ? dx() : undefined,
        wants(1) ? apply(matmul, [dy, rows()], { transposeA: true }) : undefined,
        wants(2) ? apply(sum, [dy], { axes: [0] }) : undefined,
      ];
    },
  },
});
