// Each op of the file's format, in a model of a few nodes, by our references and by tfjs.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { readGraphModel } from '@lacuna/io';
import { evaluate } from '../packages/io/test/evaluate.js';
import {
  a,
  placeholder,
  tinyModel,
  type TinyConst,
  type TinyNode,
} from '../packages/io/test/tiny.js';

beforeAll(async () => {
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${dirname(entry)}/`);
  setThreadsCount(1);
  await tf.setBackend('wasm');
});

let seed = 1;
const random = (): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 31 - 1;
const numbers = (...shape: number[]): TinyConst => ({
  shape,
  data: Array.from({ length: shape.reduce((x, y) => x * y, 1) }, random),
});
const whole = (...data: number[]): TinyConst => ({ shape: [data.length], data, whole: true });
const scalar = (x: number, isWhole = false): TinyConst => ({
  shape: [],
  data: [x],
  whole: isWhole,
});
const window = (padding: string, stride: number, dilation = 1): Record<string, unknown> => ({
  padding: a.string(padding),
  data_format: a.string('NHWC'),
  strides: a.ints(1, stride, stride, 1),
  dilations: a.ints(1, dilation, dilation, 1),
});
const node = (
  name: string,
  op: string,
  input: string[],
  attr: Record<string, unknown> = {},
): TinyNode => ({
  name,
  op,
  input,
  attr: { T: a.type('DT_FLOAT'), ...attr },
});
const x = placeholder('x', 1, 7, 6, 4);
const v = placeholder('x', 3, 8);

const cube = placeholder('x', 2, 5, 8);
type Case = [nodes: TinyNode[], constants?: Record<string, TinyConst>];
const cases: Record<string, Case> = {
  'Conv2D, SAME, stride 2': [
    [x, node('y', 'Conv2D', ['x', 'w'], window('SAME', 2))],
    { w: numbers(3, 3, 4, 5) },
  ],
  'Conv2D, VALID, dilation 2': [
    [x, node('y', 'Conv2D', ['x', 'w'], window('VALID', 1, 2))],
    { w: numbers(3, 2, 4, 5) },
  ],
  'Conv2D of 1 by 1, then a bias and relu6': [
    [
      x,
      node('c', 'Conv2D', ['x', 'w'], window('VALID', 1)),
      node('b', 'BiasAdd', ['c', 'v']),
      node('y', 'Relu6', ['b']),
    ],
    { w: numbers(1, 1, 4, 5), v: numbers(5) },
  ],
  '_FusedConv2D with bias and Prelu': [
    [
      x,
      node('y', '_FusedConv2D', ['x', 'w', 'b', 'p'], {
        ...window('SAME', 1),
        num_args: a.int(2),
        fused_ops: a.strings('BiasAdd', 'Prelu'),
      }),
    ],
    { w: numbers(5, 5, 4, 3), b: numbers(3), p: numbers(3) },
  ],
  '_FusedConv2D with bias and Relu': [
    [
      x,
      node('y', '_FusedConv2D', ['x', 'w', 'b'], {
        ...window('VALID', 3),
        num_args: a.int(1),
        fused_ops: a.strings('BiasAdd', 'Relu'),
      }),
    ],
    { w: numbers(2, 2, 4, 3), b: numbers(3) },
  ],
  'DepthwiseConv2dNative, SAME, stride 2': [
    [x, node('y', 'DepthwiseConv2dNative', ['x', 'w'], window('SAME', 2))],
    { w: numbers(5, 5, 4, 1) },
  ],
  'DepthwiseConv2dNative with 2 outputs a channel': [
    [x, node('y', 'DepthwiseConv2dNative', ['x', 'w'], window('SAME', 1))],
    { w: numbers(3, 3, 4, 2) },
  ],
  'FusedDepthwiseConv2dNative with bias and Relu6': [
    [
      x,
      node('y', 'FusedDepthwiseConv2dNative', ['x', 'w', 'b'], {
        ...window('SAME', 1),
        num_args: a.int(1),
        fused_ops: a.strings('BiasAdd', 'Relu6'),
      }),
    ],
    { w: numbers(3, 3, 4, 1), b: numbers(4) },
  ],
  ...Object.fromEntries(
    [2, 3, 4].map((size): [string, Case] => [
      `Conv2DBackpropInput, SAME, stride 2, ${size} by ${size}`,
      [
        [x, node('y', 'Conv2DBackpropInput', ['s', 'w', 'x'], window('SAME', 2))],
        { s: whole(1, 14, 12, 5), w: numbers(size, size, 5, 4) },
      ],
    ]),
  ),
  'Conv2DBackpropInput, SAME, stride 1': [
    [x, node('y', 'Conv2DBackpropInput', ['s', 'w', 'x'], window('SAME', 1))],
    { s: whole(1, 7, 6, 5), w: numbers(3, 3, 5, 4) },
  ],
  FusedBatchNormV3: [
    [
      x,
      node('y', 'FusedBatchNormV3', ['x', 's', 'o', 'm', 'v'], {
        epsilon: a.float(0.01),
        is_training: a.bool(false),
        data_format: a.string('NHWC'),
      }),
    ],
    { s: numbers(4), o: numbers(4), m: numbers(4), v: { shape: [4], data: [1, 2, 0.5, 3] } },
  ],
  'AddN, Mul by a channel constant, Sub, Sigmoid': [
    [
      x,
      node('m', 'Mul', ['x', 'c']),
      node('n', 'AddN', ['x', 'm', 'x'], { N: a.int(3) }),
      node('s', 'Sub', ['n', 'c']),
      node('y', 'Sigmoid', ['s']),
    ],
    { c: numbers(1, 1, 4) },
  ],
  'an image times a vector for its channels': [
    [x, node('g', 'Mean', ['x', 'i'], { keep_dims: a.bool(false) }), node('y', 'Mul', ['x', 'g'])],
    { i: whole(1, 2) },
  ],
  'RealDiv, Neg, Square, Tanh, Abs, LeakyRelu': [
    [
      x,
      node('d', 'RealDiv', ['x', 'c']),
      node('n', 'Neg', ['d']),
      node('s', 'Square', ['x']),
      node('t', 'Tanh', ['n']),
      node('a', 'AddV2', ['s', 't']),
      node('b', 'Abs', ['t']),
      node('l', 'LeakyRelu', ['t'], { alpha: a.float(0.3) }),
      node('y', 'AddN', ['a', 'b', 'l'], { N: a.int(3) }),
    ],
    { c: { shape: [4], data: [2, -3, 4, 0.5] } },
  ],
  'Maximum and Minimum by a constant': [
    [x, node('m', 'Maximum', ['x', 'c']), node('y', 'Minimum', ['m', 'd'])],
    { c: scalar(-0.25), d: scalar(0.5) },
  ],
  'Relu, then Minimum 6, Maximum 0': [
    [
      x,
      node('r', 'Relu', ['x']),
      node('m', 'Minimum', ['r', 'd']),
      node('y', 'Maximum', ['m', 'c']),
    ],
    { c: scalar(0), d: scalar(6) },
  ],
  'MaxPool, SAME': [
    [x, node('y', 'MaxPool', ['x'], { ...window('SAME', 2), ksize: a.ints(1, 3, 3, 1) })],
  ],
  'AvgPool, SAME': [
    [x, node('y', 'AvgPool', ['x'], { ...window('SAME', 2), ksize: a.ints(1, 3, 2, 1) })],
  ],
  'AvgPool over everything': [
    [x, node('y', 'AvgPool', ['x'], { ...window('VALID', 7), ksize: a.ints(1, 7, 6, 1) })],
  ],
  'ResizeBilinear, half-pixel centres': [
    [
      x,
      node('y', 'ResizeBilinear', ['x', 's'], {
        half_pixel_centers: a.bool(true),
        align_corners: a.bool(false),
      }),
    ],
    { s: whole(14, 9) },
  ],
  'ResizeBilinear, aligned corners': [
    [
      x,
      node('y', 'ResizeBilinear', ['x', 's'], {
        half_pixel_centers: a.bool(false),
        align_corners: a.bool(true),
      }),
    ],
    { s: whole(5, 12) },
  ],
  DepthToSpace: [
    [x, node('y', 'DepthToSpace', ['x'], { block_size: a.int(2), data_format: a.string('NHWC') })],
  ],
  'Pad of sides and channels': [
    [x, node('y', 'Pad', ['x', 'p'])],
    { p: { shape: [4, 2], data: [0, 0, 1, 2, 0, 1, 0, 3], whole: true } },
  ],
  'PadV2 with a value': [
    [x, node('y', 'PadV2', ['x', 'p', 'v'])],
    { p: { shape: [4, 2], data: [0, 0, 1, 2, 0, 1, 0, 0], whole: true }, v: scalar(2.5) },
  ],
  'ConcatV2 of channels': [
    [x, node('r', 'Relu', ['x']), node('y', 'ConcatV2', ['x', 'r', 'i'], { N: a.int(2) })],
    { i: scalar(3, true) },
  ],
  'ConcatV2 of rows, axis from the end': [
    [x, node('r', 'Relu', ['x']), node('y', 'ConcatV2', ['x', 'r', 'i'], { N: a.int(2) })],
    { i: scalar(-3, true) },
  ],
  'Mean of channels': [
    [x, node('r', 'Relu', ['x']), node('y', 'Mean', ['r', 'i'], { keep_dims: a.bool(false) })],
    { i: whole(3) },
  ],
  'Mean of rows': [
    [x, node('r', 'Relu', ['x']), node('y', 'Mean', ['r', 'i'], { keep_dims: a.bool(false) })],
    { i: whole(1) },
  ],
  'Mean of sides, kept': [
    [x, node('y', 'Mean', ['x', 'i'], { keep_dims: a.bool(true) })],
    { i: whole(-3, -2) },
  ],
  'Reshape of an image': [
    [x, node('r', 'Relu', ['x']), node('y', 'Reshape', ['r', 's'])],
    { s: whole(1, -1, 2) },
  ],
  'Reshape to an image': [
    [
      placeholder('x', 1, 24),
      node('r', 'Reshape', ['x', 's']),
      node('y', 'MaxPool', ['r'], { ...window('VALID', 2), ksize: a.ints(1, 2, 2, 1) }),
    ],
    { s: whole(1, 3, 2, 4) },
  ],
  'Squeeze and ExpandDims': [
    [
      placeholder('x', 1, 1, 6, 4),
      node('r', 'Relu', ['x']),
      node('s', 'Squeeze', ['r'], { squeeze_dims: a.ints(1) }),
      node('y', 'ExpandDims', ['s', 'i']),
    ],
    { i: scalar(-1, true) },
  ],
  'Transpose of an image': [
    [x, node('r', 'Relu', ['x']), node('y', 'Transpose', ['r', 'p'])],
    { p: whole(0, 3, 1, 2) },
  ],
  'Transpose of a matrix': [[v, node('y', 'Transpose', ['x', 'p'])], { p: whole(1, 0) }],
  MatMul: [
    [
      v,
      node('y', 'MatMul', ['x', 'w'], { transpose_a: a.bool(false), transpose_b: a.bool(false) }),
    ],
    { w: numbers(8, 5) },
  ],
  'MatMul, the weights transposed': [
    [v, node('y', 'MatMul', ['x', 'w'], { transpose_b: a.bool(true) })],
    { w: numbers(5, 8) },
  ],
  'MatMul of two run-time values': [
    [v, node('r', 'Relu', ['x']), node('y', 'MatMul', ['x', 'r'], { transpose_a: a.bool(true) })],
  ],
  '_FusedMatMul with bias and Relu': [
    [
      v,
      node('y', '_FusedMatMul', ['x', 'w', 'b'], {
        num_args: a.int(1),
        fused_ops: a.strings('BiasAdd', 'Relu'),
      }),
    ],
    { w: numbers(8, 5), b: numbers(5) },
  ],
  'Prelu of a vector': [[v, node('y', 'Prelu', ['x', 'p'])], { p: numbers(8) }],
  'Exp, Log, Sqrt, Rsqrt, Reciprocal': [
    [
      x,
      node('e', 'Exp', ['x']),
      node('l', 'Log', ['e']),
      node('s', 'Sqrt', ['e']),
      node('r', 'Rsqrt', ['s']),
      node('c', 'Reciprocal', ['e']),
      node('y', 'AddN', ['l', 's', 'r', 'c'], { N: a.int(4) }),
    ],
  ],
  'quotients, differences, Maximum and Minimum of two values': [
    [
      x,
      node('e', 'Exp', ['x']),
      node('d', 'RealDiv', ['x', 'e']),
      node('s', 'Sub', ['e', 'd']),
      node('q', 'SquaredDifference', ['s', 'x']),
      node('m', 'Maximum', ['q', 'x']),
      node('n', 'Minimum', ['m', 'e']),
      node('f', 'RealDiv', ['c', 'n']),
      node('y', 'Minimum', ['f', 'w']),
    ],
    { c: numbers(4), w: numbers(7, 1, 4) },
  ],
  'Softmax and LogSoftmax of the channels of an image': [
    [
      x,
      node('s', 'Softmax', ['x']),
      node('l', 'LogSoftmax', ['x']),
      node('y', 'AddV2', ['s', 'l']),
    ],
  ],
  'Softmax of a matrix': [[v, node('y', 'Softmax', ['x'])]],
  'LogSoftmax of a matrix': [[v, node('y', 'LogSoftmax', ['x'])]],
  ...Object.fromEntries(
    ['Sum', 'Max', 'Min'].flatMap((op) =>
      [[1, 2], [3], [-2]].flatMap((axes) =>
        [true, false].map((keep): [string, Case] => [
          `${op} over ${axes.join(' and ')}${keep ? ', kept' : ''}`,
          [
            [
              x,
              node('r', 'Relu6', ['x']),
              node('s', 'Sub', ['r', 'x']),
              node('y', op, ['s', 'i'], { keep_dims: a.bool(keep) }),
            ],
            { i: whole(...axes) },
          ],
        ]),
      ),
    ),
  ),
  'a length by Square, Sum, Maximum, Rsqrt': [
    [
      v,
      node('q', 'Square', ['x']),
      node('s', 'Sum', ['q', 'i'], { keep_dims: a.bool(true) }),
      node('m', 'Maximum', ['s', 'c']),
      node('r', 'Rsqrt', ['m']),
      node('y', 'Mul', ['x', 'r']),
    ],
    { i: whole(1), c: scalar(1e-10) },
  ],
  'ArgMax of channels, cast': [
    [
      x,
      node('r', 'Relu', ['x']),
      node('a', 'ArgMax', ['r', 'i'], { output_type: a.type('DT_INT32') }),
      node('y', 'Cast', ['a'], { SrcT: a.type('DT_INT32'), DstT: a.type('DT_FLOAT') }),
    ],
    { i: scalar(3, true) },
  ],
  'ArgMax of rows of a matrix': [
    [v, node('y', 'ArgMax', ['x', 'i'], { output_type: a.type('DT_INT32') })],
    { i: scalar(-1, true) },
  ],
  'Cast of float to float': [
    [
      v,
      node('c', 'Cast', ['x'], { SrcT: a.type('DT_FLOAT'), DstT: a.type('DT_FLOAT') }),
      node('k', 'Cast', ['w'], { SrcT: a.type('DT_FLOAT'), DstT: a.type('DT_FLOAT') }),
      node('y', 'Mul', ['c', 'k']),
    ],
    { w: numbers(8) },
  ],
  'Slice of an image': [
    [x, node('r', 'Relu', ['x']), node('y', 'Slice', ['r', 'b', 's'])],
    { b: whole(0, 1, 2, 1), s: whole(1, 3, -1, 2) },
  ],
  'StridedSlice of a column': [
    [
      v,
      node('y', 'StridedSlice', ['x', 'b', 'e', 's'], {
        begin_mask: a.int(1),
        end_mask: a.int(1),
        shrink_axis_mask: a.int(2),
      }),
    ],
    { b: whole(0, 3), e: whole(0, 4), s: whole(1, 1) },
  ],
  'StridedSlice of channels, ellipsis': [
    [
      x,
      node('r', 'Relu', ['x']),
      node('y', 'StridedSlice', ['r', 'b', 'e', 's'], { ellipsis_mask: a.int(1) }),
    ],
    { b: whole(0, -3), e: whole(0, -1), s: whole(1, 1) },
  ],
  'StridedSlice with steps of 2 and −1': [
    [
      x,
      node('r', 'Relu', ['x']),
      node('y', 'StridedSlice', ['r', 'b', 'e', 's'], {
        begin_mask: a.int(9),
        end_mask: a.int(9),
      }),
    ],
    { b: whole(0, 1, 4, 0), e: whole(0, 7, 1, 0), s: whole(1, 2, -1, -1) },
  ],
  'StridedSlice with a new dimension': [
    [
      v,
      node('y', 'StridedSlice', ['x', 'b', 'e', 's'], {
        new_axis_mask: a.int(2),
        end_mask: a.int(4),
      }),
    ],
    { b: whole(1, 0, 2), e: whole(3, 0, 0), s: whole(1, 1, 1) },
  ],
  'Split of channels': [
    [x, node('s', 'Split', ['i', 'x'], { num_split: a.int(2) }), node('y', 'Sub', ['s:1', 's'])],
    { i: scalar(3, true) },
  ],
  'SplitV of rows': [
    [
      x,
      node('s', 'SplitV', ['x', 'n', 'i'], { num_split: a.int(3) }),
      node('m', 'Mul', ['s', 's:2']),
      node('y', 'ConcatV2', ['m', 's:1', 'i'], { N: a.int(2) }),
    ],
    { i: scalar(1, true), n: whole(2, 3, -1) },
  ],
  'Pack of matrices and of an image': [
    [
      v,
      node('r', 'Relu', ['x']),
      node('p', 'Pack', ['x', 'r'], { axis: a.int(-1), N: a.int(2) }),
      node('y', 'Pack', ['p', 'p', 'p'], { axis: a.int(1), N: a.int(3) }),
    ],
  ],
  'Pack of two images': [
    [
      x,
      node('r', 'Relu', ['x']),
      node('s', 'Sigmoid', ['x']),
      node('y', 'Pack', ['r', 's'], { axis: a.int(3), N: a.int(2) }),
    ],
  ],
  'Unpack of a matrix': [
    [
      v,
      node('u', 'Unpack', ['x'], { axis: a.int(0), num: a.int(3) }),
      node('s', 'Sub', ['u:2', 'u:1']),
      node('y', 'Mul', ['s', 'u']),
    ],
  ],
  'Unpack of the rows of an image': [
    [
      x,
      node('r', 'Relu', ['x']),
      node('u', 'Unpack', ['r'], { axis: a.int(1), num: a.int(7) }),
      node('y', 'Sub', ['u:4', 'u']),
    ],
  ],
  'GatherV2 of channels': [
    [x, node('r', 'Relu', ['x']), node('y', 'GatherV2', ['r', 'k', 'i'])],
    { k: whole(3, 0, 0, 2, 1), i: scalar(3, true) },
  ],
  'GatherV2 of rows, by a matrix': [
    [v, node('y', 'GatherV2', ['x', 'k', 'i'])],
    { k: { shape: [2, 2], data: [2, 0, 1, 1], whole: true }, i: scalar(0, true) },
  ],
  'BatchMatMulV2 of two run-time values': [
    [
      cube,
      node('r', 'Relu', ['x']),
      node('y', 'BatchMatMulV2', ['x', 'r'], { adj_x: a.bool(false), adj_y: a.bool(true) }),
    ],
  ],
  'BatchMatMulV2 by one matrix': [
    [cube, node('y', 'BatchMatMulV2', ['x', 'w'], { adj_y: a.bool(true) })],
    { w: numbers(3, 8) },
  ],
  'BatchMatMulV2 by a batch of one': [
    [cube, node('y', 'BatchMatMulV2', ['x', 'w'], { adj_x: a.bool(true) })],
    { w: numbers(1, 5, 3) },
  ],
  'SparseToDense of constants': [
    [v, node('d', 'SparseToDense', ['k', 's', 'n', 'z']), node('y', 'Mul', ['x', 'd'])],
    {
      k: { shape: [2, 2], data: [0, 1, 2, 7], whole: true },
      s: whole(3, 8),
      n: numbers(2),
      z: scalar(0.5),
    },
  ],
  'shape arithmetic': [
    [
      x,
      node('r', 'Relu', ['x']),
      node('shape', 'Shape', ['r'], { out_type: a.type('DT_INT32') }),
      node('batch', 'StridedSlice', ['shape', 'zero', 'one', 'one'], {
        shrink_axis_mask: a.int(1),
      }),
      node('sides', 'StridedSlice', ['shape', 'one', 'three', 'one']),
      node('twice', 'Mul', ['sides', 'two'], { T: a.type('DT_INT32') }),
      node('big', 'ResizeBilinear', ['r', 'twice'], { half_pixel_centers: a.bool(true) }),
      node('pack', 'Pack', ['batch', 'minus', 'four'], {
        axis: a.int(0),
        N: a.int(3),
        T: a.type('DT_INT32'),
      }),
      node('y', 'Reshape', ['big', 'pack']),
    ],
    {
      zero: whole(0),
      one: whole(1),
      three: whole(3),
      two: scalar(2, true),
      minus: scalar(-1, true),
      four: scalar(4, true),
    },
  ],
};

describe('the graph-model reader gives what tfjs gives', () => {
  for (const [what, [nodes, constants = {}]] of Object.entries(cases)) {
    it(`for ${what}`, async () => {
      const { json, weights } = tinyModel(nodes, constants);
      const graph = await readGraphModel(json, weights);
      const input = graph.nodes[0]!;
      const data = Float32Array.from({ length: input.shape.reduce((p, q) => p * q, 1) }, random);
      const [ours] = evaluate(graph, { x: data }).values();
      const manifest = json.weightsManifest.flatMap((group) => group.weights);
      const weightSpecs = manifest.map((w) => ({
        ...w,
        shape: [...w.shape],
        dtype: w.dtype === 'int32' ? ('int32' as const) : ('float32' as const),
      }));
      const model = await loadGraphModel({
        load: () =>
          Promise.resolve({
            modelTopology: json.modelTopology,
            weightSpecs,
            weightData: weights.buffer,
          }),
      });
      const theirs = model.execute({ x: tf.tensor(data, [...input.shape]) }, 'y') as tf.Tensor;
      expect(graph.nodes[graph.outputs[0]!.node]!.shape).toEqual(theirs.shape);
      const wanted = await theirs.data();
      wanted.forEach((y, at) => expect(ours![at]).toBeCloseTo(y, 4));
    });
  }
});
