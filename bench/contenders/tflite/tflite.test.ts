// A model that was written is read again, by the numbers of fields that TensorFlow Lite's schema.fbs gives.
import {
  assemble,
  biasAdd,
  conv2d,
  dense,
  GraphBuilder,
  matmul,
  mean,
  relu6,
  reshape,
  sum,
  transpose,
  type Graph,
} from '@lacuna/lacuna';
import { expect, test } from 'vitest';
import { networkModel } from './network.js';
import { productModel } from './product.js';
import { read } from './read.js';

const [pad, conv, depthwise, densify, average, flat, full, plus] = [34, 3, 4, 124, 40, 22, 9, 0];

test('a product is one operator, its weights as they are', () => {
  const w = Float32Array.of(1, 2, 3, 4, 5, 6);
  const { operators, tensors } = read(productModel(4, 3, 2, w));
  expect(operators).toEqual([{ code: full, inputs: [0, 1, -1], outputs: [2] }]);
  expect(tensors[1]).toEqual({ shape: [2, 3], numbers: Array.from(w) });
});

test('a network becomes operators with channels last, padding its own where it is not SAME', () => {
  const { operators, inputs, outputs, tensors } = read(networkModel(network(), false).bytes);
  const codes = operators.map(({ code }) => code);
  expect(codes).toEqual([pad, conv, depthwise, conv, average, flat, full, plus]);
  expect(inputs.map((at) => tensors[at]!.shape)).toEqual([[1, 8, 6, 3]]);
  expect(outputs.map((at) => tensors[at]!.shape)).toEqual([[1, 2]]);
  expect(operators.map(({ outputs: [at] }) => tensors[at!]!.shape)).toEqual([
    [1, 10, 8, 3],
    [1, 4, 3, 4],
    [1, 4, 3, 4],
    [1, 4, 3, 5],
    [1, 1, 1, 5],
    [1, 5],
    [1, 2],
    [1, 2],
  ]);
});

test('filters are turned: [O, I, H, W] to [O, H, W, I], depthwise ones to [1, H, W, O]', () => {
  const { operators, tensors } = read(networkModel(network(), false).bytes);
  const filter = (code: number) =>
    tensors[operators.find((operator) => operator.code === code)!.inputs[1]!]!;
  expect(filter(conv).shape).toEqual([4, 3, 3, 3]);
  // o = 1, i = 2, tap = 5, counted from 1.
  expect(filter(conv).numbers![(1 * 9 + 5) * 3 + 2]).toBe((1 * 3 + 2) * 9 + 5 + 1);
  expect(filter(depthwise).shape).toEqual([1, 3, 3, 4]);
  expect(filter(depthwise).numbers![5 * 4 + 3]).toBe(3 * 9 + 5 + 1);
});

test('sparse weights are stored without zeros, and made dense by an operator that the convolution reads', () => {
  const { operators, tensors } = read(networkModel(network(), true).bytes);
  const made = operators.findIndex(({ code }) => code === densify);
  const { inputs, outputs } = operators[made]!;
  const { shape, numbers, csr } = tensors[inputs[0]!]!;
  expect(shape).toEqual([5, 1, 1, 4]);
  expect(numbers).toEqual([7, 8, 9]);
  expect(csr).toEqual({ order: [0, 1, 2, 3], sizes: [5, 1, 1], segments, indices: [1, 0, 3] });
  const reader = operators.find((operator) => operator.inputs[1] === outputs[0]);
  expect(reader?.code).toBe(conv);
});

test('an op without an operator is named', () => {
  const builder = new GraphBuilder();
  const total = builder.apply(sum, [builder.input('x', [1, 4], dense())]);
  expect(() => networkModel(builder.finish({ total }), false)).toThrow(/known for sum/);
});

/** One of 1 × 1 that keeps 7 at (0, 1), 8 and 9 at (3, 0) and (3, 3). */
const sparse = [0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 9, 0, 0, 0, 0];
const segments = [0, 1, 1, 1, 3, 3];

/** An image of 8 × 6: 3 × 3 over every second pixel, depthwise, 1 × 1, mean, product. */
function network(): Graph {
  const builder = new GraphBuilder();
  const constant = (shape: number[], numbers?: number[]): number => {
    const size = shape.reduce((a, b) => a * b, 1);
    return builder.constant(
      assemble(dense, shape, numbers ?? Array.from({ length: size }, (_, at) => at + 1)),
    );
  };
  const image = builder.input('image', [1, 8, 6, 3], dense());
  const first = builder.apply(transpose, [image], { permutation: [0, 3, 1, 2] });
  const padding = [1, 1, 1, 1] as const;
  const window = { stride: [2, 2], padding } as const;
  const a = builder.apply(conv2d, [first, constant([4, 3, 3, 3])], window);
  const b = builder.apply(relu6, [a]);
  const c = builder.apply(conv2d, [b, constant([4, 1, 3, 3])], { padding, groups: 4 });
  const d = builder.apply(conv2d, [c, constant([5, 4, 1, 1], sparse), constant([5])]);
  const e = builder.apply(mean, [d], { axes: [2, 3], keepDims: true });
  const f = builder.apply(reshape, [e], { shape: [5, 1] });
  const g = builder.apply(matmul, [constant([2, 5]), f]);
  const h = builder.apply(reshape, [g], { shape: [1, 2] });
  return builder.finish({ y: builder.apply(biasAdd, [h, constant([2])], { axis: 1 }) });
}
