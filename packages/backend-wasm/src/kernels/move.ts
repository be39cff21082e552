// Ops that only move numbers: transpose, concatenate, pad, and copies of views.
import { dense, sizeOf, type Shape, type Signature } from '@lacuna/ir';
import {
  concatenate,
  pad,
  reshape,
  restrict,
  slice,
  squeeze,
  stopGradient,
  transpose,
  type ConcatenateAttrs,
  type PadAttrs,
  type SliceAttrs,
  type TransposeAttrs,
} from '@lacuna/ops';
import { wasmKernel, type Stage, type WasmKernel } from '../kernel.js';
import { moved } from './positions.js';

const float = 4;

/** Numbers of four bytes, which only move. */
export const isWord = ({ inputs, output }: Signature): boolean =>
  (output.dtype === 'float32' || output.dtype === 'int32') &&
  inputs.every((type) => type!.dtype === output.dtype);

const stridesOf = (shape: Shape): number[] => shape.map((_, dim) => sizeOf(shape.slice(dim + 1)));

/** Every combination of the extents of `dims`, as offsets by each list of strides. */
function offsetsOver(
  dims: readonly number[],
  shape: Shape,
  strides: readonly (readonly number[])[],
): number[][] {
  return dims.reduce<number[][]>(
    (all, dim) =>
      all.flatMap((at) =>
        Array.from({ length: shape[dim]! }, (_, c) =>
          at.map((offset, s) => offset + c * strides[s]![dim]!),
        ),
      ),
    [strides.map(() => 0)],
  );
}

/**
 * Moves x into y under a permutation: as runs where the last dimension stays last, else as 4×4 transposes
 * between the last dimensions of x and of y.
 */
export function permute(
  shape: Shape,
  permutation: readonly number[],
  x: number,
  y: number,
): readonly Stage[] {
  const from = stridesOf(shape);
  const outStrides = stridesOf(permutation.map((dim) => shape[dim]!));
  const to = shape.map((_, dim) => outStrides[permutation.indexOf(dim)]!); // stride in y of each dimension of x
  const moving = shape.map((_, dim) => dim).filter((dim) => shape[dim] !== 1);
  const last = moving.at(-1);
  const newLast = permutation.filter((dim) => shape[dim] !== 1).at(-1);
  if (sizeOf(shape) === 0) return [];
  if (
    last === undefined ||
    newLast === undefined ||
    moving.every((dim, at) => permutation.filter((d) => shape[d] !== 1)[at] === dim)
  ) {
    return [copy(sizeOf(shape), x, y)];
  }
  if (last === newLast) {
    const n = shape[last]!;
    return offsetsOver(moving.slice(0, -1), shape, [from, to]).map(([a, b]) =>
      copy(n, x + a! * float, y + b! * float),
    );
  }
  const [columns, rows, ldx, ldy] = [shape[last]!, shape[newLast]!, from[newLast]!, to[last]!];
  return offsetsOver(
    moving.filter((dim) => dim !== last && dim !== newLast),
    shape,
    [from, to],
  ).map(([a, b]) => ({
    name: 'transpose_2d',
    units: columns,
    args: [rows, x + a! * float, ldx, y + b! * float, ldy],
    work: rows * columns * moved,
    grain: 4,
  }));
}

/** A copy of numbers side by side. */
export function copy(n: number, x: number, y: number): Stage {
  return { name: 'copy', units: n, args: [x, y], work: n * moved, grain: 1024 };
}

const transposeKernel = wasmKernel<TransposeAttrs>({
  name: 'transpose',
  op: transpose,
  takes: [],
  gives: dense,
  when: isWord,
  exact: true,
  launch: ({ attrs, inputs, output }) =>
    permute(inputs[0]!.operand.shape, attrs.permutation, inputs[0]!.values, output.values),
});

const concatenateKernel = wasmKernel<ConcatenateAttrs>({
  name: 'concatenate',
  op: concatenate,
  takes: [],
  gives: dense,
  when: isWord,
  exact: true,
  launch: ({ exports, attrs, inputs, output }) => {
    const out = output.operand.shape;
    const axis = attrs.axis < 0 ? attrs.axis + out.length : attrs.axis;
    const outer = sizeOf(out.slice(0, axis));
    const whole = sizeOf(out.slice(axis));
    let at = 0;
    const calls = inputs.flatMap((x) => {
      const run = sizeOf(x!.operand.shape.slice(axis));
      const start = at;
      at += run;
      return Array.from(
        { length: outer },
        (_, o) =>
          [run, x!.values + o * run * float, output.values + (o * whole + start) * float] as const,
      );
    });
    return () => calls.forEach(([n, x, y]) => exports['copy']!(0, n, x, y));
  },
});

const padKernel = wasmKernel<PadAttrs>({
  name: 'pad',
  op: pad,
  takes: [],
  gives: dense,
  // The border's value is a float.
  when: (signature) => isWord(signature) && signature.output.dtype === 'float32',
  exact: true,
  launch: ({ exports, attrs, inputs, output }) => {
    const [x, out] = [inputs[0]!, output.operand.shape];
    const { shape } = x.operand;
    const total = sizeOf(out);
    if (shape.length === 0) return () => exports['copy']!(0, 1, x.values, output.values);
    if (sizeOf(shape) === 0) return () => exports['fill']!(0, total, attrs.value, output.values);
    const [from, to] = [stridesOf(shape), stridesOf(out)];
    const start = attrs.padding.reduce((sum, [before], dim) => sum + before * to[dim]!, 0);
    const n = shape.at(-1)!;
    const dims = shape.map((_, dim) => dim).slice(0, -1);
    const calls = offsetsOver(dims, shape, [from, to]).map(
      ([a, b]) => [x.values + a! * float, output.values + (start + b!) * float] as const,
    );
    return () => {
      exports['fill']!(0, total, attrs.value, output.values);
      for (const [a, b] of calls) exports['copy']!(0, n, a, b);
    };
  },
});

const sliceKernel = wasmKernel<SliceAttrs>({
  name: 'slice',
  op: slice,
  takes: [],
  gives: dense,
  when: isWord,
  exact: true,
  launch: ({ exports, attrs, inputs, output }) => {
    const [x, out] = [inputs[0]!, output.operand.shape];
    if (sizeOf(out) === 0) return () => {};
    const [from, to] = [stridesOf(x.operand.shape), stridesOf(out)];
    const start = attrs.begin.reduce((sum, c, dim) => sum + c * from[dim]!, 0);
    // Dimensions that are taken whole belong to the run.
    let first = out.length - 1;
    while (first > 0 && out[first] === x.operand.shape[first]) first--;
    const n = sizeOf(out.slice(Math.max(0, first)));
    const dims = out.map((_, dim) => dim).slice(0, Math.max(0, first));
    const calls = offsetsOver(dims, out, [from, to]).map(
      ([a, b]) => [x.values + (start + a!) * float, output.values + b! * float] as const,
    );
    return () => {
      for (const [a, b] of calls) exports['copy']!(0, n, a, b);
    };
  },
});

/** Views are free inside a plan; as eager calls they are copies, and so is what is dense already. */
const copies = [reshape, squeeze, restrict, stopGradient].map((op) =>
  wasmKernel<object>({
    name: op.opName,
    op,
    takes: [dense],
    gives: dense,
    when: (signature) => isWord(signature) && signature.inputs[0]!.format.layout === dense,
    exact: true,
    launch: ({ inputs, output }) => [copy(output.operand.stored, inputs[0]!.values, output.values)],
  }),
);

/** transpose, concatenate, pad, slice, reshape, squeeze, stopGradient. */
export const moveKernels: readonly WasmKernel[] = [
  transposeKernel,
  concatenateKernel,
  padKernel,
  sliceKernel,
  ...copies,
];
