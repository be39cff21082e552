// Ops that only move numbers: transpose, concatenate, pad, slice, broadcast, depth to space, and copies of views.
//
// Words rather than numbers, so that float32 and int32 are moved alike, and every bit arrives.
//
//   y[to + Σ c·b] = x[from + Σ c·a]    for every coordinate c of a box of up to six dimensions
//
//            a thread moves one number; threads follow y, so that writes are whole cache lines. 8 bytes a
//            number, no arithmetic but the division of its index. Workgroups: numbers / 64.
import { dense, sizeOf, stridesOf, type DType, type Op, type Shape } from '@lacuna/ir';
import {
  broadcast,
  concatenate,
  type ConcatenateAttrs,
  depthToSpace,
  type DepthToSpaceAttrs,
  pad,
  reshape,
  slice,
  squeeze,
  stopGradient,
  transpose,
} from '@lacuna/ops';
import { webgpuKernel, type Binding, type Dispatch, type WebgpuKernel } from '../kernel.js';
import { grid, item, program, variants } from '../program.js';
import { contiguous, dimNumbers, dimParams, isWords, merge, places, stretched } from './dims.js';

const size = 64;

const moveProgram = variants((rank: number) =>
  program({
    name: 'move',
    params: ['count', 'x0', 'y0', ...dimParams(rank, ['a', 'b'])],
    buffers: [
      { name: 'x', type: 'array<u32>' },
      { name: 'y', type: 'array<u32>', write: true },
    ],
    workgroup: [size, 1, 1],
    body: `
let at = ${item(size)};
if (at >= p.count) { return; }
${places(rank, ['a', 'b'])}
y[p.y0 + b] = x[p.x0 + a];`,
  }),
);

const fillProgram = variants((type: 'f32' | 'i32') =>
  program({
    name: 'fill',
    params: ['count', `value: ${type}`],
    buffers: [{ name: 'y', type: `array<${type}>`, write: true }],
    workgroup: [size, 1, 1],
    body: `
let at = ${item(size)};
if (at < p.count) { y[at] = p.value; }`,
  }),
);

/** Writes one number everywhere. */
export function fill(y: Binding, count: number, value: number, dtype: DType = 'float32'): Dispatch {
  return {
    program: fillProgram(dtype === 'int32' ? 'i32' : 'f32'),
    params: [count, value],
    buffers: [y],
    workgroups: grid(count, size),
  };
}

/** Writes the numbers of x into y. */
export const copy = (count: number, x: Binding, y: Binding): Dispatch =>
  move({ extents: [count], a: [1], b: [1] }, x, y)[0]!;

/** A box of numbers in x and in y. */
interface Box {
  readonly extents: Shape;
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly from?: number;
  readonly to?: number;
}

function move({ extents, a, b, from = 0, to = 0 }: Box, x: Binding, y: Binding): Dispatch[] {
  const count = sizeOf(extents);
  if (count === 0) return [];
  const dims = merge({ extents, steps: [a, b] });
  return [
    {
      program: moveProgram(dims.extents.length),
      params: [count, from, to, ...dimNumbers(dims)],
      buffers: [x, y],
      workgroups: grid(count, size),
    },
  ];
}

/** What an op moves: boxes for the shapes of its inputs and output. */
type Boxes<A extends object> = (inputs: readonly Shape[], out: Shape, attrs: A) => readonly Box[];

function mover<A extends object>(
  op: Op<A>,
  boxes: Boxes<A>,
  filled?: (attrs: A) => number,
): WebgpuKernel {
  return webgpuKernel<A>({
    name: op.opName,
    op,
    takes: [],
    gives: dense,
    when: isWords,
    exact: true,
    launch: ({ attrs, inputs, output }) => {
      const { shape, stored, dtype } = output.operand;
      const given = inputs.map((x) => x!);
      const parts = boxes(
        given.map((x) => x.operand.shape),
        shape,
        attrs,
      );
      const before = filled ? [fill(output.values, stored, filled(attrs), dtype)] : [];
      return [...before, ...parts.flatMap((box, k) => move(box, given[k]!.values, output.values))];
    },
  });
}

/** The numbers in the order in which they are. */
const copied: Boxes<object> = (_, out) => [
  { extents: out, a: contiguous(out), b: contiguous(out) },
];

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, at) => sum + x * b[at]!, 0);

/** Boxes of depth to space: see the op's formula. */
const blocks: Boxes<DepthToSpaceAttrs> = ([x], _, { block }) => {
  const [batch, channels, height, width] = x as [number, number, number, number];
  const [plane, depth] = [height * width, channels / block ** 2];
  const extents = [batch, depth, height, block, width, block];
  const a = [channels * plane, plane, width, block * depth * plane, 1, depth * plane];
  return [{ extents, a, b: contiguous(extents) }];
};

/** Each input after those before it. */
const joined: Boxes<ConcatenateAttrs> = (shapes, out, attrs) => {
  const axis = attrs.axis < 0 ? attrs.axis + out.length : attrs.axis;
  const b = stridesOf(out);
  let start = 0;
  return shapes.map((extents) => {
    const to = start * b[axis]!;
    start += extents[axis]!;
    return { extents, a: contiguous(extents), b, to };
  });
};

/** transpose, concatenate, pad, slice, broadcast, depthToSpace, reshape, squeeze, stopGradient. */
export const moveKernels: readonly WebgpuKernel[] = [
  mover(transpose, ([x], out, { permutation }) => {
    const strides = stridesOf(x!);
    return [{ extents: out, a: permutation.map((dim) => strides[dim]!), b: contiguous(out) }];
  }),
  mover(concatenate, joined),
  mover(
    pad,
    ([x], out, { padding }) => {
      const b = stridesOf(out);
      const starts = padding.map(([before]) => before);
      return [{ extents: x!, a: contiguous(x!), b, to: dot(starts, b) }];
    },
    ({ value }) => value,
  ),
  mover(slice, ([x], out, { begin }) => {
    const a = stridesOf(x!);
    return [{ extents: out, a, b: contiguous(out), from: dot(begin, a) }];
  }),
  mover(broadcast, ([x], out) => [{ extents: out, a: stretched(x!, out), b: contiguous(out) }]),
  mover(depthToSpace, blocks),
  mover(reshape, copied),
  mover(squeeze, copied),
  mover(stopGradient, copied),
];
