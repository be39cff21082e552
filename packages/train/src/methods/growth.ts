// Prune and grow: a network that is sparse from the first step on and looks for its places (RigL, Evci et al.,
// 2020; SET, Mocanu et al., 2018). Every so many steps a share ζ of what is stored goes, the smallest |w| first,
// and as many places come, by the dense weight's gradient or at random. They begin at zero, as do their moments.
//
//     ζ(t) = ζ₀ · ½ (1 + cos π t/T),   until T = 3/4 of the steps
import { assemble, flatIndex, isDense, outside, sizeOf, toDense, type Tensor } from '@lacuna/ir';
import { topk } from '@lacuna/sparsifiers';
import type { Hook } from '../fit.js';
import { randomOf } from '../random.js';
import type { Trainer } from '../trainer.js';

/** What {@link pruneAndGrow} is told. */
export interface GrowthOptions {
  /** Weights in a sparse layout, or under a mask. */
  readonly names: readonly string[];
  /** Steps between changes; 100 by default. */
  readonly every?: number;
  /** ζ₀; 0.3 by default. */
  readonly fraction?: number;
  /** T, as a share of all steps; 0.75 by default. */
  readonly until?: number;
  /** At random by this seed; absent: by gradient. */
  readonly seed?: number;
}

/** Changes the places of weights in training; give it to `takeSteps` as `before`. */
export function pruneAndGrow(
  trainer: Trainer,
  { names, every = 100, fraction = 0.3, until = 0.75, seed }: GrowthOptions,
): Hook {
  return async ({ step, steps, inputs, targets }) => {
    if (step === 0 || step % every !== 0 || step > until * steps) return;
    const share = (fraction * (1 + Math.cos((Math.PI * step) / (until * steps)))) / 2;
    const slopes = seed === undefined ? await trainer.gradients(inputs, targets, names) : {};
    for (const name of names) {
      const weight = await trainer.parameter(name);
      const { format, shape, dtype } = weight;
      const random = randomOf(seed ?? 0, `${name} ${step}`);
      const scores = slopes[name]
        ? toDense(slopes[name]).map(Math.abs)
        : Float32Array.from({ length: sizeOf(shape) }, () => random.uniform());
      const stored = storedPlaces(weight, await trainer.mask(name));
      const kept = rewired(toDense(weight), stored, scores, share);
      const numbers = toDense(weight).map((x, at) => (stored[at] && kept[at] ? x : 0));
      const moved = assemble(format, shape, numbers, { kept, dtype });
      const mask = isDense(format) ? { mask: assemble(format, shape, kept) } : {};
      await trainer.replace(name, { weight: moved, ...mask });
    }
  };
}

/**
 * The places after one change: of those that are stored the share with the smallest |w| goes, and as many others
 * with the greatest scores come; none comes that went.
 */
export function rewired(
  numbers: ArrayLike<number>,
  stored: Uint8Array,
  scores: ArrayLike<number>,
  share: number,
): Uint8Array {
  const active = stored.reduce((a, b) => a + b, 0);
  const change = Math.min(Math.floor(share * active), stored.length - active);
  const sizes = Float64Array.from(stored, (s, at) => (s ? Math.abs(numbers[at]!) : -1));
  const free = Float64Array.from(stored, (s, at) => (s ? -1 : scores[at]!));
  const fresh = topk(free, change);
  return topk(sizes, active - change).map((k, at) => k | fresh[at]!);
}

/** 1 where a weight is stored, or its mask says so. */
function storedPlaces({ format, pattern, shape }: Tensor, mask?: Tensor): Uint8Array {
  if (mask) return Uint8Array.from(toDense(mask), (m) => Number(m !== 0));
  const stored = new Uint8Array(sizeOf(shape));
  if (isDense(format)) return stored.fill(1);
  for (const flat of flatIndex(pattern)) if (flat !== outside) stored[flat] = 1;
  return stored;
}
