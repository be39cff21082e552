// depthToSpace: blocks of channels become blocks of pixels, in TensorFlow's order for NHWC (depth, column,
// row), though images here are planes.
//
//   out[b, c, h·s + i, w·s + j] = in[b, (i·s + j)·C' + c, h, w]
import { op, toDense, type Op } from '@lacuna/ir';
import { reshape } from '../moves/reshape.js';
import { transpose } from '../moves/transpose.js';
import { checkRank, checkWhole, refuse, show } from '../shapes.js';
import { strided } from '../moves/strided.js';

/** Attributes of {@link depthToSpace}. */
export interface DepthToSpaceAttrs {
  /** Side of a block of pixels. */
  readonly block: number;
}

/**
 * `depthToSpace(x [B, C, H, W], { block })` → `[B, C/block², H·block, W·block]`.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { depthToSpace } from '@lacuna/ops';
 * const x = assemble(dense(), [1, 4, 1, 1], [1, 2, 3, 4]);
 * depthToSpace.spec.reference([x], { block: 2 }); // Float64Array [1, 2, 3, 4]
 * ```
 */
export const depthToSpace: Op<DepthToSpaceAttrs> = op<DepthToSpaceAttrs>({
  name: 'depthToSpace',
  arity: [1, 1],
  defaults: { block: 1 },
  infer([x], { block }) {
    checkRank('depthToSpace', 'x', x!, ['B', 'C', 'H', 'W']);
    checkWhole('depthToSpace', 'block', [block], ['block'], 1);
    const [batch, channels, height, width] = x! as [number, number, number, number];
    if (channels % (block * block))
      refuse(
        'depthToSpace',
        `x ${show(x!)} and block ${block}`,
        `write channels in a multiple of ${block * block}`,
      );
    return [batch, channels / (block * block), height * block, width * block];
  },
  reference([x], { block }) {
    const [batch, channels, height, width] = x!.shape as [number, number, number, number];
    const [plane, depth] = [height * width, channels / (block * block)];
    return strided(
      toDense(x!),
      [batch, depth, height, block, width, block],
      [channels * plane, plane, width, block * depth * plane, 1, depth * plane],
    );
  },
  roundings: () => 0,
  gradient: {
    rule({ apply, dy, inputs, shapeOf }, { block }) {
      const [batch, channels, height, width] = shapeOf(inputs[0]!) as [
        number,
        number,
        number,
        number,
      ];
      const depth = channels / (block * block);
      const parts = apply(reshape, [dy], { shape: [batch, depth, height, block, width, block] });
      const turned = apply(transpose, [parts], { permutation: [0, 3, 5, 1, 2, 4] });
      return [apply(reshape, [turned], { shape: [batch, channels, height, width] })];
    },
  },
});
