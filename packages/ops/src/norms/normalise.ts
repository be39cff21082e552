// Rows brought to one size: what layerNorm and rmsNorm share.
//
//   y = (x − μ) / √(σ² + ε) · gain + bias        rmsNorm: μ = 0, no bias
import {
  sizeOf,
  toDense,
  type GradientScope,
  type NodeId,
  type Shape,
  type Tensor,
} from '@lacuna/ir';
import { add } from '../pointwise/add.js';
import { mean } from '../reductions/mean.js';
import { multiply } from '../pointwise/multiply.js';
import { refuse, show } from '../shapes.js';
import { rsqrt } from '../pointwise/rsqrt.js';
import { subtract } from '../pointwise/subtract.js';

/** Attributes of layerNorm and rmsNorm. */
export interface NormAttrs {
  /** How many of the last dimensions make a row. */
  readonly dims: number;
  /** Added to the variance, so that constant rows do not divide by zero. */
  readonly epsilon: number;
}

/** Checks gain and bias, each of the shape of a row. */
export function normShape(
  op: string,
  x: Shape,
  parts: Readonly<Record<string, Shape | undefined>>,
  { dims, epsilon }: NormAttrs,
): Shape {
  if (!(Number.isInteger(dims) && dims >= 1 && dims <= x.length))
    refuse(op, `x ${show(x)} and dims ${dims}`, `write dims in 1..${x.length}`);
  if (!(epsilon >= 0)) refuse(op, `epsilon ${epsilon}`, 'write a number that is not negative');
  const row = x.slice(-dims);
  for (const [name, shape] of Object.entries(parts))
    if (shape && shape.join() !== row.join())
      refuse(op, `x ${show(x)} and ${name} ${show(shape)}`, `write ${name} as ${show(row)}`);
  return x;
}

/** Calls `visit` with each row, its mean (0 unless centred), and 1/√(σ² + ε). */
export function eachRow(
  x: Tensor,
  { dims, epsilon }: NormAttrs,
  centred: boolean,
  visit: (row: ArrayLike<number>, start: number, middle: number, inverse: number) => void,
): void {
  const n = sizeOf(x.shape.slice(-dims));
  const numbers = Float64Array.from(toDense(x));
  for (let start = 0; start < numbers.length; start += n) {
    const row = numbers.subarray(start, start + n);
    const middle = centred ? row.reduce((sum, v) => sum + v, 0) / n : 0;
    const variance = row.reduce((sum, v) => sum + (v - middle) ** 2, 0) / n;
    visit(row, start, middle, 1 / Math.sqrt(variance + epsilon));
  }
}

/** The reference of both. */
export function normalise(
  [x, gain, bias]: readonly (Tensor | undefined)[],
  attrs: NormAttrs,
  centred: boolean,
): Float64Array {
  const out = new Float64Array(sizeOf(x!.shape));
  const [g, b] = [gain && toDense(gain), bias && toDense(bias)];
  eachRow(x!, attrs, centred, (row, start, middle, inverse) => {
    for (let k = 0; k < row.length; k++)
      out[start + k] = (row[k]! - middle) * inverse * (g?.[k] ?? 1) + (b?.[k] ?? 0);
  });
  return out;
}

/**
 * What an error of the mean, of size mean |x|, does: to each x − μ, and to 1/√(σ² + ε) by way of the variance.
 * An error e of the mean adds at most 2·e·mean |x − μ| to the variance.
 */
export function normMagnitudes(
  [x, gain, bias]: readonly (Tensor | undefined)[],
  attrs: NormAttrs,
  centred: boolean,
): Float64Array {
  const out = new Float64Array(sizeOf(x!.shape));
  const [g, b] = [gain && toDense(gain), bias && toDense(bias)];
  eachRow(x!, attrs, centred, (row, start, middle, inverse) => {
    const n = row.length;
    let [size, off] = [0, 0];
    for (let k = 0; k < n; k++) {
      size += Math.abs(row[k]!) / n;
      off += Math.abs(row[k]! - middle) / n;
    }
    const wrong = centred ? 2 * off * size * inverse * inverse : 0;
    for (let k = 0; k < n; k++) {
      const shifted = Math.abs(row[k]! - middle);
      const moved = centred ? size + Math.abs(row[k]!) : 0;
      out[start + k] =
        (shifted * (2 + wrong) + moved) * inverse * Math.abs(g?.[k] ?? 1) + Math.abs(b?.[k] ?? 0);
    }
  });
  return out;
}

/** Roundings of two sums over a row, a square root, a division, and what follows. */
export const normRoundings = (x: Shape, { dims }: NormAttrs): number => sizeOf(x.slice(-dims)) + 12;

/**
 * With ŷ the row before gain and bias and g = dy·gain, dx = (g − mean g − ŷ·mean(g·ŷ)) / √(σ² + ε); rmsNorm has
 * no mean g. The gain's gradient is dy·ŷ, the bias's dy, each summed over rows.
 */
export function normGradient(
  scope: GradientScope,
  { dims, epsilon }: NormAttrs,
  centred: boolean,
): readonly (NodeId | undefined)[] {
  const { apply, inputs, dy, number, shapeOf, wants } = scope;
  const [x, gain] = [inputs[0]!, inputs[1]];
  const axes = Array.from({ length: dims }, (_, k) => shapeOf(x).length - dims + k);
  const average = (id: NodeId): NodeId => apply(mean, [id], { axes, keepDims: true });
  const shifted = centred ? apply(subtract, [x, average(x)]) : x;
  const variance = average(apply(multiply, [shifted, shifted]));
  const inverse = apply(rsqrt, [apply(add, [variance, number(epsilon)])]);
  const unit = apply(multiply, [shifted, inverse]);
  const dx = (): NodeId => {
    const g = gain === undefined ? dy : apply(multiply, [dy, gain]);
    const along = apply(multiply, [unit, average(apply(multiply, [g, unit]))]);
    const middle = centred ? apply(subtract, [g, average(g)]) : g;
    return apply(multiply, [apply(subtract, [middle, along]), inverse]);
  };
  return [
    wants(0) ? dx() : undefined,
    wants(1) ? apply(multiply, [dy, unit]) : undefined,
    wants(2) ? dy : undefined,
  ];
}
