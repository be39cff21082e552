// A linked transpose: a weight with a second pattern of its own for the product that flows back (SLoPe, Mozaffari
// et al., 2024). Forward multiplies by W, backward by a W that was pruned once more, along the other dimension,
// so that both products are n:m:
//
//     y = x·Wᵀ         dx = dy·W′         dW = dyᵀ·x, in W's own pattern         W′ = W where it has a place
import {
  op,
  restricted,
  SparseError,
  sparsify,
  toDense,
  type FormatLike,
  type Op,
  type Sparsifier,
  type Tensor,
} from '@lacuna/ir';
import { linear, matmul, reshape, transpose } from '@lacuna/ops';

/** A weight, and the copy of it that the gradient of the input is made with. */
export interface Linked {
  readonly forward: Tensor;
  readonly backward: Tensor;
}

/**
 * A linked pair of two tensors.
 *
 * @throws SparseError `shape` where their shapes differ.
 */
export function linked(forward: Tensor, backward: Tensor): Linked {
  if (forward.shape.length === 2 && forward.shape.join() === backward.shape.join())
    return Object.freeze({ forward, backward });
  throw new SparseError(
    'shape',
    `${forward.toString()} was linked with ${backward.toString()} for the way back`,
    { hint: 'link matrices of one shape; the second is not transposed' },
  );
}

/**
 * A host tensor linked with itself, pruned once more: SLoPe's double pruning.
 *
 * @example
 * ```ts
 * import { assemble } from '@lacuna/ir';
 * import { linkedBy } from '@lacuna/compositions';
 * import { nm } from '@lacuna/layouts';
 * import { nmMagnitude } from '@lacuna/sparsifiers';
 * const w = assemble(nm(1, 2), [2, 2], [3, 0, 4, 0]);
 * const { backward } = linkedBy(w, nmMagnitude({ n: 1, m: 2, along: 0 }), nm(1, 2, 0));
 * backward.values; // Float32Array [4, 0]
 * ```
 */
export function linkedBy(forward: Tensor, how: Sparsifier, layout: FormatLike): Linked {
  return linked(forward, sparsify(forward, how, layout));
}

/** The pair after a step of `forward`: its values again, at the places that `backward` has. Tensors of the host. */
export function relinked({ backward }: Linked, forward: Tensor): Linked {
  return linked(forward, restricted(forward, backward.pattern));
}

/** x itself; nothing flows back through it. */
const still: Op = op({
  name: 'still',
  arity: [1, 1],
  defaults: {},
  infer: ([x]) => x!,
  reference: ([x]) => Float64Array.from(toDense(x!)),
  roundings: () => 0,
  view: () => true,
  gradient: { rule: () => [undefined] },
});

/** y itself, of `linkedBack(y, x, w)`; to x flows dy·w. */
const linkedBack: Op = op({
  name: 'linkedBack',
  arity: [1, 3],
  defaults: {},
  infer: ([y]) => y!,
  reference: ([y]) => Float64Array.from(toDense(y!)),
  roundings: () => 0,
  view: () => true,
  gradient: {
    // dx = (W′ᵀ·dyᵀ)ᵀ, so that a sparse W′ stays on the left, as in the gradient of `linear`.
    rule({ apply, dy, inputs, shapeOf, wants }) {
      const [x, w] = [inputs[1]!, inputs[2]!];
      const [outputs] = shapeOf(w);
      const rows = shapeOf(dy)
        .slice(0, -1)
        .reduce((n, extent) => n * extent, 1);
      const back = (): number => {
        const flat = apply(reshape, [dy], { shape: [rows, outputs!] });
        const turned = apply(matmul, [w, flat], { transposeA: true, transposeB: true });
        const dx = apply(transpose, [turned], { permutation: [1, 0] });
        return apply(reshape, [dx], { shape: [...shapeOf(x)] });
      };
      return [dy, wants(1) ? back() : undefined, undefined];
    },
  },
});

/**
 * `linear` by a linked pair: forward by the one, and inside a compiled function the gradient of x by the other.
 * Both are views there: nothing more is computed than two products and the weight's gradient.
 *
 * @throws SparseError `shape` where x and the weight do not fit.
 */
export function linkedLinear(x: Tensor, { forward, backward }: Linked, bias?: Tensor): Tensor {
  const weights = bias ? ([forward, bias] as const) : ([forward] as const);
  if (!x.home.tracing) return linear(x, ...weights);
  return linkedBack(linear(still(x), ...weights), x, backward);
}
