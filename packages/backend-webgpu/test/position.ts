// The laws of products for one position: for a thread a row and for a subgroup a row, K having every tail that a lane
// may meet.
import type { Kernel, Op } from '@lacuna/ir';
import { activations, linear, matmul } from '@lacuna/ops';
import { kernelLaws, type CaseMaker, type Law } from '@lacuna/testing';
import type { WebgpuBackend } from '../src/index.js';

const makers = new Map<Op, CaseMaker>([
  [
    matmul,
    (random) => {
      const [m, k] = [random.extent(0, 150), random.extent(0, 300)];
      const [transposeA, transposeB] = [random.chance(0.3), random.chance(0.5)];
      return {
        shapes: [
          transposeA ? [k, m] : [m, k],
          transposeB ? [1, k] : [k, 1],
          random.chance(0.5) ? [m] : undefined,
        ],
        attrs: { transposeA, transposeB, activation: random.pick(activations) },
      };
    },
  ],
  [
    linear,
    (random) => {
      const [m, k] = [random.extent(0, 150), random.extent(0, 300)];
      return {
        shapes: [[1, k], [m, k], random.chance(0.5) ? [m] : undefined],
        attrs: { activation: random.pick(activations) },
        flow: [0],
      };
    },
  ],
]);

/** The laws of each product of a backend, for one position. */
export function positionLaws(
  backend: WebgpuBackend,
): readonly { readonly kernel: Kernel; readonly laws: readonly Law[] }[] {
  return backend.kernels.flatMap((kernel) => {
    const make = makers.get(kernel.op);
    return make ? [{ kernel, laws: kernelLaws(kernel, backend, make) }] : [];
  });
}
