// What flows back through a sparsifier. With M the mask of what was kept, g the gradient of the pruned value
// and w the value before:
//
//   masked               M ⊙ g                      what was dropped gets nothing
//   straight-through     g                          as if nothing had been dropped (Bengio et al., 2013)
//   { decay: λ }         g + λ (1 − M) ⊙ w          and what was dropped shrinks (SR-STE, Zhou et al., 2021)
//   { annealed: α }      (M + α (1 − M)) ⊙ g        between the first two (AutoSparse, Kundu et al., 2023)
import { SparseError } from './error.js';
import type { Sparsifier } from './sparsifier.js';

/** What flows back through a sparsifier; `'masked'` where nothing is said. */
export type Backward =
  | 'masked'
  | 'straight-through'
  | { readonly decay: number }
  | { readonly annealed: number };

/** `straight-through`, `decay:0.002`: how a {@link Backward} is written among parameters. */
export function printBackward(backward: Backward): string {
  if (typeof backward === 'string') return backward;
  return 'decay' in backward ? `decay:${backward.decay}` : `annealed:${backward.annealed}`;
}

/**
 * Reads what {@link printBackward} writes.
 *
 * @throws SparseError `format` for anything else.
 */
export function parseBackward(text: string): Backward {
  if (text === 'masked' || text === 'straight-through') return text;
  const [, kind, number] = /^(decay|annealed):(\S+)$/.exec(text) ?? [];
  const value = Number(number);
  if (kind !== undefined && value >= 0 && value < Infinity)
    return kind === 'decay' ? { decay: value } : { annealed: value };
  throw new SparseError('format', `"${text}" does not say what flows back`, {
    hint: 'write masked, straight-through, decay:0.0002 or annealed:0.5',
  });
}

/**
 * The same sparsifier with another backward.
 *
 * @example
 * ```ts
 * import { sparsifier, withBackward } from '@lacuna/ir';
 * const all = sparsifier({ name: 'all', kind: 'streaming', params: {}, keep: (x) => new Uint8Array(x.length).fill(1) });
 * withBackward(all, { decay: 0.0002 }).print(); // 'all(backward=decay:0.0002)'
 * ```
 */
export function withBackward(how: Sparsifier, backward: Backward): Sparsifier {
  const { at } = how;
  return Object.freeze({
    ...how,
    backward,
    ...(at && { at: (fraction: number) => withBackward(at(fraction), backward) }),
    print: () => printCall(how.name, { ...how.params, backward: printBackward(backward) }),
  });
}

/** `magnitude(fraction=0.9)`: a name with parameters; the name alone where there are none. */
export function printCall(name: string, params: Readonly<Record<string, number | string>>): string {
  const all = Object.entries(params).map(([param, value]) => `${param}=${value}`);
  return all.length ? `${name}(${all.join(', ')})` : name;
}
