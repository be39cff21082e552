// Reductions, stretching and running sums. Rows are reduced where they lie at the end, columns where they lie in
// one block; other dimensions are moved to the end first.
import { dense, sizeOf, type Op, type Shape, type Signature } from '@lacuna/ir';
import {
  broadcast,
  cumulativeSum,
  max,
  mean,
  reducedDims,
  sum,
  sumTo,
  type Axes,
  type CumulativeSumAttrs,
  type SumToAttrs,
} from '@lacuna/ops';
import { wasmKernel, type Stage, type WasmCall, type WasmKernel } from '../kernel.js';
import { spread } from './broadcast.js';
import { isWord, permute } from './move.js';

const float = 4;
const isFloat = ({ inputs, output }: Signature): boolean =>
  inputs[0]!.dtype === 'float32' && output.dtype === 'float32';

/** Reduces the dimensions `over` of x: a sum times a scale, or the largest. */
function reduction(
  shape: Shape,
  over: ReadonlySet<number>,
  { x, y, scratch }: { readonly x: number; readonly y: number; readonly scratch: number },
  scale: (n: number) => number | 'max',
): readonly Stage[] {
  const dims = shape.map((_, dim) => dim).filter((dim) => shape[dim] !== 1);
  const [stay, go] = [dims.filter((dim) => !over.has(dim)), dims.filter((dim) => over.has(dim))];
  const [rows, n] = [sizeOf(stay.map((dim) => shape[dim]!)), sizeOf(go.map((dim) => shape[dim]!))];
  const factor = scale(n);
  const work = rows * n * 2;
  const rowwise = (from: number): Stage =>
    factor === 'max'
      ? { name: 'max_rows', units: rows, args: [n, from, y], work }
      : { name: 'sum_rows', units: rows, args: [n, from, factor, y], work };
  const at = dims.indexOf(go[0] ?? -1);
  const block = go.every((dim, k) => dim === dims[at + k]);
  const inner = sizeOf(stay.filter((dim) => dim > (go[0] ?? -1)).map((dim) => shape[dim]!));
  if (go.length === 0 || (block && inner === 1)) return [rowwise(x)];
  if (block && factor !== 'max') {
    const outer = inner === 0 ? 0 : rows / inner;
    return Array.from({ length: outer }, (_, o) => {
      const [from, to] = [x + o * n * inner * float, y + o * inner * float];
      const args = [n, inner, from, factor, to];
      return { name: 'sum_columns', units: inner, args, work: n * inner * 2, grain: 64 };
    });
  }
  const rest = shape.map((_, dim) => dim).filter((dim) => shape[dim] === 1);
  return [...permute(shape, [...rest, ...stay, ...go], x, scratch), rowwise(scratch)];
}

function reducing<A extends object>(
  op: Op<A>,
  over: (shape: Shape, attrs: A) => ReadonlySet<number>,
  scale: (n: number) => number | 'max',
): WasmKernel {
  return wasmKernel<A>({
    name: op.opName,
    op,
    takes: [],
    gives: dense,
    when: isFloat,
    scratch: ({ inputs }) => inputs[0]!.stored * float,
    launch: ({ attrs, inputs, output, scratch }: WasmCall<A>) => {
      const [{ operand, values: x }, y] = [inputs[0]!, output.values];
      const { shape } = operand;
      return reduction(shape, over(shape, attrs), { x, y, scratch }, scale);
    },
  });
}

const named = (shape: Shape, { axes }: { readonly axes: Axes }): ReadonlySet<number> =>
  reducedDims('reduction', shape, axes);

/** The dimensions along which a shape was stretched. */
function stretched(from: Shape, { shape }: SumToAttrs): Set<number> {
  const lead = from.length - shape.length;
  return new Set(
    from.map((_, dim) => dim).filter((dim) => dim < lead || shape[dim - lead] !== from[dim]),
  );
}

const broadcastKernel = wasmKernel<object>({
  name: 'broadcast',
  op: broadcast,
  takes: [],
  gives: dense,
  when: isWord,
  exact: true,
  launch: ({ inputs, output }) => {
    const x = inputs[0]!;
    return spread(x.operand.shape, output.operand.shape, x.values, output.values);
  },
});

const cumulativeSumKernel = wasmKernel<CumulativeSumAttrs>({
  name: 'cumulativeSum',
  op: cumulativeSum,
  takes: [],
  gives: dense,
  when: isFloat,
  exact: true,
  launch: ({ exports, attrs, inputs, output }) => {
    const { outer, extent, inner } = lines(inputs[0]!.operand.shape, attrs.axis);
    const [x, y, reverse] = [inputs[0]!.values, output.values, Number(attrs.reverse)];
    return () => exports['running_sum']!(0, outer, extent, inner, reverse, x, y);
  },
});

/** A shape as lines along an axis: [outer, extent, inner]. */
export function lines(
  shape: Shape,
  axis: number,
): { readonly outer: number; readonly extent: number; readonly inner: number } {
  const along = axis < 0 ? axis + shape.length : axis;
  return {
    outer: sizeOf(shape.slice(0, along)),
    extent: shape[along]!,
    inner: sizeOf(shape.slice(along + 1)),
  };
}

/** sum, mean, max, sumTo, broadcast, cumulativeSum. */
export const reduceKernels: readonly WasmKernel[] = [
  reducing(sum, named, () => 1),
  reducing(mean, named, (n) => 1 / n),
  reducing(max, named, () => 'max'),
  reducing(sumTo, stretched, () => 1),
  broadcastKernel,
  cumulativeSumKernel,
];
