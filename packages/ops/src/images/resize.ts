// resizeBilinear: images of another size, each pixel a mixture of the four nearest.
//
//   y = (1 − t)·x[low] + t·x[high]   along each side, where low = floor(from), t = from − low, and
//   from(i) = i·scale, or (i + ½)·scale − ½ with half-pixel centres
import { op, toDense, type Op } from '@lacuna/ir';
import { matmul } from '../products/matmul.js';
import { reshape } from '../moves/reshape.js';
import { transpose } from '../moves/transpose.js';
import { checkRank, checkWhole, refuse } from '../shapes.js';

/** Attributes of {@link resizeBilinear}, as TensorFlow has them. */
export interface ResizeBilinearAttrs {
  readonly height: number;
  readonly width: number;
  /** Corners map to corners: scale = (in − 1) / (out − 1). */
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Where each output pixel along one side reads: x[low]·(1 − t) + x[high]·t. */
export interface Taps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly t: Float64Array;
}

/** The taps of one side, in double precision: for the reference, and for the tables of kernels. */
export function taps(
  extent: number,
  size: number,
  {
    alignCorners,
    halfPixelCenters,
  }: Pick<ResizeBilinearAttrs, 'alignCorners' | 'halfPixelCenters'>,
): Taps {
  const corners = alignCorners && size > 1;
  const [numerator, denominator] = corners ? [extent - 1, size - 1] : [extent, size];
  const [low, high, t] = [new Int32Array(size), new Int32Array(size), new Float64Array(size)];
  for (let i = 0; i < size; i++) {
    const from = halfPixelCenters
      ? ((i + 0.5) * numerator) / denominator - 0.5
      : (i * numerator) / denominator;
    low[i] = Math.max(Math.floor(from), 0);
    high[i] = Math.min(Math.ceil(from), extent - 1);
    t[i] = from - Math.floor(from);
  }
  return { low, high, t };
}

/**
 * `resizeBilinear(x [B, C, H, W], { height, width })` → `[B, C, height, width]`.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { resizeBilinear } from '@lacuna/ops';
 * const x = assemble(dense(), [1, 1, 1, 2], [0, 4]);
 * resizeBilinear.spec.reference([x], { ...resizeBilinear.spec.defaults, height: 1, width: 4 }); // Float64Array [0, 2, 4, 4]
 * ```
 */
export const resizeBilinear: Op<ResizeBilinearAttrs> = op<ResizeBilinearAttrs>({
  name: 'resizeBilinear',
  arity: [1, 1],
  defaults: { height: 1, width: 1, alignCorners: false, halfPixelCenters: false },
  infer([x], { height, width, alignCorners, halfPixelCenters }) {
    checkRank('resizeBilinear', 'x', x!, ['B', 'C', 'H', 'W']);
    checkWhole('resizeBilinear', 'size', [height, width], ['height', 'width'], 1);
    checkWhole('resizeBilinear', 'an image', x!.slice(2), ['H', 'W'], 1);
    if (alignCorners && halfPixelCenters)
      refuse('resizeBilinear', 'alignCorners and halfPixelCenters together', 'choose one');
    return [x![0]!, x![1]!, height, width];
  },
  reference([x], attrs) {
    const [batch, channels, rows, columns] = x!.shape as [number, number, number, number];
    const { height, width } = attrs;
    const [v, h] = [taps(rows, height, attrs), taps(columns, width, attrs)];
    const numbers = toDense(x!);
    const out = new Float64Array(batch * channels * height * width);
    // A pixel with no share is not read, so that its Inf or NaN stays where it is.
    const mix = (a: number, b: number, t: number): number => (t === 0 ? a : a * (1 - t) + b * t);
    for (let at = 0; at < out.length; at++) {
      const plane = Math.floor(at / (height * width)) * rows * columns;
      const [i, j] = [Math.floor(at / width) % height, at % width];
      const row = (r: number): number =>
        mix(
          numbers[plane + r * columns + h.low[j]!]!,
          numbers[plane + r * columns + h.high[j]!]!,
          h.t[j]!,
        );
      out[at] = mix(row(v.low[i]!), v.t[i] === 0 ? 0 : row(v.high[i]!), v.t[i]!);
    }
    return out;
  },
  // Four operations a side; and 1 − t, which is at least 1/(2·size), may be off by a rounding of 1.
  roundings: (_, { height, width }) => 8 + 4 * (height + width),
  gradient: {
    // y = V·x·Hᵀ for each plane, so dx = Vᵀ·dy·H; V and H have two entries a row.
    rule({ apply, constant, dy, inputs, shapeOf }, attrs) {
      const [batch, channels, rows, columns] = shapeOf(inputs[0]!) as [
        number,
        number,
        number,
        number,
      ];
      const { height, width } = attrs;
      const planes = batch * channels;
      const v = constant([height, rows], mixture(rows, height, attrs));
      const h = constant([width, columns], mixture(columns, width, attrs));
      const wide = apply(reshape, [dy], { shape: [planes * height, width] });
      const across = apply(reshape, [apply(matmul, [wide, h])], {
        shape: [planes, height, columns],
      });
      const turned = apply(reshape, [apply(transpose, [across], { permutation: [0, 2, 1] })], {
        shape: [planes * columns, height],
      });
      const down = apply(reshape, [apply(matmul, [turned, v])], {
        shape: [planes, columns, rows],
      });
      const dx = apply(transpose, [down], { permutation: [0, 2, 1] });
      return [apply(reshape, [dx], { shape: [batch, channels, rows, columns] })];
    },
  },
});

/** The matrix `[size, extent]` of one side, row-major. */
function mixture(extent: number, size: number, attrs: ResizeBilinearAttrs): Float64Array {
  const { low, high, t } = taps(extent, size, attrs);
  const numbers = new Float64Array(size * extent);
  for (let i = 0; i < size; i++) {
    numbers[i * extent + low[i]!]! += 1 - t[i]!;
    if (t[i] !== 0) numbers[i * extent + high[i]!]! += t[i]!;
  }
  return numbers;
}
