// Chance with a seed. Streams are told apart by name, so that what is drawn for one purpose does not depend on
// what was drawn for another, and a run that is resumed draws what it would have drawn.

/** Seeded random numbers. */
export interface Random {
  /** In 0..1, 1 left out. */
  uniform(): number;
  /** Normal, mean 0 and variance 1 (Box and Muller, 1958). */
  normal(): number;
  /** The numbers 0..count-1 in random order (Fisher and Yates). */
  order(count: number): Uint32Array;
}

/**
 * A stream of random numbers; the same seed and name give the same stream on every machine.
 *
 * @example
 * ```ts
 * import { randomOf } from '@lacuna/train';
 * randomOf(1, 'w').uniform() === randomOf(1, 'w').uniform(); // true
 * [...randomOf(1, 'batches').order(3)].sort(); // [0, 1, 2]
 * ```
 */
export function randomOf(seed: number, name: string | number = ''): Random {
  const uniform = mulberry32(seedOf(seed, String(name)));
  const normal = (): number => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    return radius * Math.cos(2 * Math.PI * uniform());
  };
  const order = (count: number): Uint32Array => {
    const all = Uint32Array.from({ length: count }, (_, at) => at);
    for (let at = count - 1; at > 0; at--) {
      const other = Math.floor(uniform() * (at + 1));
      [all[at], all[other]] = [all[other]!, all[at]!];
    }
    return all;
  };
  return { uniform, normal, order };
}

/** A seed from another and what it is for (FNV-1a). */
function seedOf(seed: number, name: string): number {
  let h = (0x811c9dc5 ^ seed) >>> 0;
  for (let at = 0; at < name.length; at++) h = Math.imul(h ^ name.charCodeAt(at), 0x01000193) >>> 0;
  return h;
}

/** Tommy Ettinger's mulberry32. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
