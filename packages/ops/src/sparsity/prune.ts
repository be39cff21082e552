// Pruning inside a graph: a mask of what a sparsifier keeps, and the value under it. What flows back is the
// sparsifier's to say; the mask is a decision, through which nothing flows.
//
//     x ──┬── mask ──┐
//         └──────────┴── masked ── y = m ⊙ x
import {
  op,
  SparseError,
  sparsifier,
  toDense,
  type Backward,
  type Emit,
  type Op,
  type Sparsifier,
  type Tensor,
} from '@lacuna/ir';
import { add } from '../pointwise/add.js';
import { reshape } from '../moves/reshape.js';
import { multiply } from '../pointwise/multiply.js';
import { scale } from '../pointwise/scale.js';
import { refuse, show } from '../shapes.js';
import { subtract } from '../pointwise/subtract.js';

const all: Sparsifier = sparsifier({
  name: 'all',
  kind: 'streaming',
  params: {},
  keep: (numbers) => new Uint8Array(numbers.length).fill(1),
});

/** Attributes of {@link mask}. */
export interface PruneAttrs {
  readonly how: Sparsifier;
}

/**
 * `mask(x, ...auxiliary, { how })`: 1 where a sparsifier keeps x, else 0. What it needs beside x comes in the
 * order of its `needs`.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { mask } from '@lacuna/ops';
 * import { magnitude } from '@lacuna/sparsifiers';
 * const x = assemble(dense(), [4], [3, -1, 4, 1]);
 * mask.spec.reference([x], { how: magnitude({ fraction: 0.5 }) }); // Float64Array [1, 0, 1, 0]
 * ```
 */
export const mask: Op<PruneAttrs> = op<PruneAttrs>({
  name: 'mask',
  arity: [1, Infinity],
  defaults: { how: all },
  infer([x, ...beside], { how }) {
    if (beside.length !== (how.needs ?? []).length)
      throw new SparseError(
        'shape',
        `${how.print()} needs ${how.needs?.join(' and ') || 'nothing'} beside x, and was given ${beside.length} tensors`,
        { hint: 'pass them in that order' },
      );
    return x!;
  },
  reference([x, ...beside], { how }) {
    const auxiliary = Object.fromEntries(
      (how.needs ?? []).map((need, k) => [need, toDense(beside[k]!)]),
    );
    return new Float64Array(how.keep(toDense(x!), x!.shape, auxiliary));
  },
  roundings: () => 0,
  gradient: { none: 'what is kept is a decision' },
});

/** Attributes of {@link masked}. */
export interface MaskedAttrs {
  readonly backward: Backward;
}

/**
 * `masked(x, m, { backward })`: m ⊙ x, with the gradient that a sparsifier asks for.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { masked } from '@lacuna/ops';
 * const [x, m] = [assemble(dense(), [2], [5, 7]), assemble(dense(), [2], [0, 1])];
 * masked.spec.reference([x, m], { backward: 'masked' }); // Float64Array [0, 7]
 * ```
 */
export const masked: Op<MaskedAttrs> = op<MaskedAttrs>({
  name: 'masked',
  arity: [2, 2],
  defaults: { backward: 'masked' },
  infer([x, m]) {
    if (x!.join() !== m!.join())
      refuse('masked', `${show(x!)} and a mask ${show(m!)}`, 'write a mask of the shape of x');
    return x!;
  },
  reference([x, m]) {
    const keep = toDense(m!);
    const y = new Float64Array(toDense(x!));
    for (let at = 0; at < y.length; at++) if (keep[at] === 0) y[at] = 0;
    return y;
  },
  roundings: () => 0,
  pointwise: true,
  zeroToZero: true,
  gradient: {
    rule({ apply, dy, inputs, output }, { backward }) {
      const [x, m] = [inputs[0]!, inputs[1]!];
      if (backward === 'straight-through') return [dy, undefined];
      if (backward === 'masked') return [apply(multiply, [dy, m]), undefined];
      if ('decay' in backward) {
        const dropped = apply(subtract, [x, output]);
        return [apply(add, [dy, apply(scale, [dropped], { factor: backward.decay })]), undefined];
      }
      const kept = apply(scale, [apply(multiply, [dy, m])], { factor: 1 - backward.annealed });
      return [apply(add, [kept, apply(scale, [dy], { factor: backward.annealed })]), undefined];
    },
  },
});

/** A sparsifier, or none, and the words that what it leaves is emitted by. */
export interface PruneStep {
  readonly how?: Sparsifier;
  readonly emit: Emit;
}

/** Attributes of {@link gradientPruned}. */
export interface GradientPrunedAttrs {
  readonly steps: readonly PruneStep[];
}

/** `gradientPruned(x, { steps })`: x itself; the gradient that flows back through it is pruned, step by step. */
export const gradientPruned: Op<GradientPrunedAttrs> = op<GradientPrunedAttrs>({
  name: 'gradientPruned',
  arity: [1, 1],
  defaults: { steps: [] },
  infer: ([x]) => x!,
  reference: ([x]) => new Float64Array(toDense(x!)),
  roundings: () => 0,
  view: () => true,
  gradient: {
    rule: ({ apply, shapeOf, dy }, { steps }) => [
      steps.reduce(
        (g, { how, emit }) =>
          how
            ? apply(masked, [g, apply(mask, [g], { how })], {}, emit)
            : apply(reshape, [g], { shape: shapeOf(g) }, emit),
        dy,
      ),
    ],
  },
});

/**
 * `prune(x, how)`: x where a sparsifier keeps it, else 0; dense. `auxiliary` holds what it needs beside x.
 *
 * @throws SparseError `unsupported` where something that it needs is missing.
 */
export function prune(
  x: Tensor,
  how: Sparsifier,
  auxiliary: Readonly<Record<string, Tensor>> = {},
): Tensor {
  const beside = (how.needs ?? []).map((need) => {
    const found = auxiliary[need];
    if (found) return found;
    throw new SparseError('unsupported', `${how.print()} needs ${need}`, {
      hint: `pass { ${need} } beside what is pruned`,
    });
  });
  return masked(x, mask(x, ...beside, { how }), { backward: how.backward ?? 'masked' });
}
