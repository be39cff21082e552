// A schedule that treats the tensors of a rule in turn.
import type { Sparsifier } from '@lacuna/ir';
import { checkWhole } from './check.js';
import type { Schedule } from './schedule.js';

/**
 * Tensor after tensor: each begins the schedule `delay` steps after the one before. `places` tensors in all.
 *
 * @example
 * ```ts
 * import { layerWise, oneShot } from '@lacuna/sparsifiers';
 * const schedule = layerWise(oneShot({ fraction: 0.9, at: 10 }), { delay: 5, places: 3 });
 * [0, 1, 2].map((place) => schedule.at(15, place)); // [0.9, 0.9, 0]
 * schedule.print(); // 'layerWise(oneShot(fraction=0.9, at=10), delay=5, places=3)'
 * ```
 */
export function layerWise(
  schedule: Schedule,
  { delay, places }: { readonly delay: number; readonly places: number },
): Schedule {
  checkWhole('layerWise', { delay, places }, 0);
  const { sparsifierAt } = schedule;
  return Object.freeze({
    at: (step: number, place = 0) => schedule.at(step - place * delay),
    end: schedule.end + delay * Math.max(0, places - 1),
    print: () => `layerWise(${schedule.print()}, delay=${delay}, places=${places})`,
    ...(sparsifierAt && {
      sparsifierAt: (how: Sparsifier, step: number, place = 0) =>
        sparsifierAt(how, step - place * delay),
    }),
  });
}
