// y = x·Wᵀ + b and its gradients, through the reference of the op `linear`.
import { assemble, dense, sizeOf, type Shape, type Tensor } from '@lacuna/ir';
import { linear } from '@lacuna/ops';

/** A dense tensor. */
export const tensorOf = (shape: Shape, numbers: ArrayLike<number>): Tensor =>
  assemble(dense(), shape, numbers, { dtype: 'float64' });

/** y = x·Wᵀ (+ b), in double precision. */
export function product(x: Tensor, w: Tensor, bias?: Tensor): Float64Array {
  const attrs = { activation: 'none' } as const;
  linear.spec.infer([x.shape, w.shape, bias?.shape], attrs);
  return linear.spec.reference([x, w, bias], attrs);
}

/** Row-major numbers of a matrix, transposed. */
export function transposed(numbers: ArrayLike<number>, [rows, columns]: Shape): Float64Array {
  const out = new Float64Array(numbers.length);
  for (let i = 0; i < rows!; i++)
    for (let j = 0; j < columns!; j++) out[j * rows! + i] = numbers[i * columns! + j]!;
  return out;
}

/** The gradients of a product into W and b, given that into y: gyᵀ·x, and the sum of gy over rows. */
export function gradients(
  x: ArrayLike<number>,
  xShape: Shape,
  gy: ArrayLike<number>,
  outputs: number,
): { weight: Float64Array; bias: Float64Array } {
  const [rows, inputs] = [sizeOf(xShape.slice(0, -1)), xShape.at(-1)!];
  const left = tensorOf([outputs, rows], transposed(gy, [rows, outputs]));
  const right = tensorOf([inputs, rows], transposed(x, [rows, inputs]));
  const bias = new Float64Array(outputs);
  for (let at = 0; at < gy.length; at++) bias[at % outputs]! += gy[at]!;
  return { weight: product(left, right), bias };
}
