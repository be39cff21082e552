import { assemble, dense, inferShape, layout, level, type Tensor } from '@lacuna/ir';
import { describe, expect, test } from 'vitest';
import {
  add,
  averagePool,
  biasAdd,
  concatenate,
  conv2d,
  depthToSpace,
  linear,
  matmul,
  max,
  maxPool,
  mean,
  multiply,
  ops,
  pad,
  prelu,
  relu6,
  reshape,
  resizeBilinear,
  squeeze,
  sum,
  transpose,
  type LinearAttrs,
  type SumAttrs,
} from './index.js';

const tensor = (shape: readonly number[], numbers: readonly number[]): Tensor =>
  assemble(dense(), shape, numbers);
const count = (shape: readonly number[], start = 1): Tensor =>
  tensor(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + start),
  );
const csr = layout({ name: 'csr', levels: () => [level.dense('i'), level.compressed('j')] });
const coo4 = layout({
  name: 'coo4',
  levels: () => [
    level.compressed('i', { unique: false }),
    level.singleton('j'),
    level.singleton('k'),
    level.singleton('l'),
  ],
});

describe('products', () => {
  test('linear multiplies rows of x by the transpose of w, adds the bias and clamps', () => {
    const [x, w, bias] = [count([2, 2]), tensor([2, 2], [1, 1, -9, 0]), tensor([2], [0.5, 0])];
    const attrs = { activation: 'relu' } as const;
    expect([...linear.spec.reference([x, w, bias], attrs)]).toEqual([3.5, 0, 7.5, 0]);
    expect(
      linear.spec.infer(
        [
          [2, 5, 2],
          [3, 2],
        ],
        attrs,
      ),
    ).toEqual([2, 5, 3]);
  });

  test('an entry that is not stored never meets Inf or NaN', () => {
    const x = tensor([1, 3], [Infinity, NaN, 2]);
    const w = assemble(csr, [2, 3], [0, 0, 3, 1, 0, 0]);
    expect([...linear.spec.reference([x, w], linear.spec.defaults)]).toEqual([6, Infinity]);
    const both = matmul.spec.reference([assemble(csr, [1, 3], [Infinity, 0, 1]), w], {
      ...matmul.spec.defaults,
      transposeB: true,
    });
    expect([...both]).toEqual([3, Infinity]);
  });

  test('matmul reads each operand as it is, or transposed', () => {
    const [a, b] = [count([2, 3]), count([3, 2])];
    const expected = [22, 28, 49, 64];
    const { spec } = matmul;
    const turn = (t: Tensor): Tensor =>
      tensor(t.shape.toReversed(), [...transpose.spec.reference([t], { permutation: [1, 0] })]);
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const inputs = [transposeA ? turn(a) : a, transposeB ? turn(b) : b];
        const attrs = { ...spec.defaults, transposeA, transposeB };
        expect([...spec.reference(inputs, attrs)]).toEqual(expected);
        expect(
          inferShape(
            matmul,
            inputs.map((t) => t.shape),
            attrs,
          ),
        ).toEqual([2, 2]);
      }
    }
    expect([...spec.reference([a, b, tensor([2], [100, 0])], spec.defaults)]).toEqual([
      122, 128, 49, 64,
    ]);
  });

  test('conv2d slides with stride, padding, dilation and groups, as a plain loop does', () => {
    const [x, w] = [count([1, 4, 5, 4]), count([6, 2, 3, 2], -7)];
    const attrs = {
      stride: [2, 1],
      padding: [1, 0, 2, 1],
      dilation: [1, 2],
      groups: 2,
      activation: 'none',
    } as const;
    const [, , rows, columns] = conv2d.spec.infer([x.shape, w.shape], attrs) as number[];
    expect([rows, columns]).toEqual([3, 3]);
    const expected: number[] = [];
    const at = (c: number, i: number, j: number): number =>
      i < 0 || j < 0 || i >= 5 || j >= 4 ? 0 : x.values[(c * 5 + i) * 4 + j]!;
    for (let o = 0; o < 6; o++)
      for (let i = 0; i < rows!; i++)
        for (let j = 0; j < columns!; j++) {
          let sum = 0;
          for (let c = 0; c < 2; c++)
            for (let p = 0; p < 3; p++)
              for (let q = 0; q < 2; q++)
                sum +=
                  w.values[((o * 2 + c) * 3 + p) * 2 + q]! *
                  at((o < 3 ? 0 : 2) + c, i * 2 + p - 1, j + q * 2);
          expected.push(sum);
        }
    expect([...conv2d.spec.reference([x, w], attrs)]).toEqual(expected);
    const sparse = assemble(coo4, w.shape, w.values);
    expect([...conv2d.spec.reference([x, sparse], attrs)]).toEqual(expected);
  });

  test('padding of conv2d is no pixels, even for a weight of Inf', () => {
    const [x, w] = [tensor([1, 1, 1, 1], [2]), tensor([1, 1, 1, 2], [Infinity, 3])];
    const attrs = { ...conv2d.spec.defaults, padding: [0, 1, 0, 0] as const };
    expect([...conv2d.spec.reference([x, w], attrs)]).toEqual([6]);
  });
});

describe('element by element', () => {
  test('add and multiply stretch extents of 1', () => {
    const [a, b] = [count([2, 1]), count([3])];
    expect([...add.spec.reference([a, b, a], {})]).toEqual([3, 4, 5, 5, 6, 7]);
    expect([...multiply.spec.reference([a, b], {})]).toEqual([1, 2, 3, 2, 4, 6]);
    expect(add.spec.infer([[0, 1], [3]], {})).toEqual([0, 3]);
  });
  test('biasAdd adds along its axis', () => {
    expect([
      ...biasAdd.spec.reference([count([1, 2, 2]), tensor([2], [10, 20])], { axis: 1 }),
    ]).toEqual([11, 12, 23, 24]);
  });
  test('relu6 and prelu let NaN through', () => {
    const x = tensor([4], [NaN, -2, 9, 3]);
    expect([...relu6.spec.reference([x], {})]).toEqual([NaN, 0, 6, 3]);
    expect([...prelu.spec.reference([x, tensor([1], [0.5])], {})]).toEqual([NaN, -1, 9, 3]);
  });
});

describe('images', () => {
  test('pools see no padding', () => {
    const x = tensor([1, 1, 2, 2], [-1, -2, -3, -4]);
    const attrs = { size: [2, 2], stride: [1, 1], padding: [0, 0, 1, 1] } as const;
    expect([...maxPool.spec.reference([x], attrs)]).toEqual([-1, -2, -3, -4]);
    expect([...averagePool.spec.reference([x], attrs)]).toEqual([-2.5, -3, -3.5, -4]);
  });
  test('resizeBilinear knows three ways to place pixels', () => {
    const x = tensor([1, 1, 1, 3], [0, 4, 8]);
    const resize = (more: object): number[] => [
      ...resizeBilinear.spec.reference([x], {
        ...resizeBilinear.spec.defaults,
        height: 1,
        width: 6,
        ...more,
      }),
    ];
    expect(resize({})).toEqual([0, 2, 4, 6, 8, 8]);
    expect(resize({ halfPixelCenters: true })).toEqual([0, 1, 3, 5, 7, 8]);
    expect(resize({ alignCorners: true, width: 5 })).toEqual([0, 2, 4, 6, 8]);
  });
  test('depthToSpace keeps the depth order of NHWC', () => {
    const x = count([1, 8, 1, 2]);
    // channels (i·2 + j)·2 + c: block row i, block column j, channel c
    expect([...depthToSpace.spec.reference([x], { block: 2 })]).toEqual([
      1, 5, 2, 6, 9, 13, 10, 14, 3, 7, 4, 8, 11, 15, 12, 16,
    ]);
  });
});

describe('shapes', () => {
  test('pad, concatenate, mean and transpose move numbers where they say', () => {
    expect([
      ...pad.spec.reference([count([1, 2])], {
        padding: [
          [1, 0],
          [0, 1],
        ],
        value: 9,
      }),
    ]).toEqual([9, 9, 9, 1, 2, 9]);
    expect([
      ...concatenate.spec.reference([count([2, 1]), count([2, 2], 5)], { axis: -1 }),
    ]).toEqual([1, 5, 6, 2, 7, 8]);
    expect([...mean.spec.reference([count([2, 2, 2])], { axes: [0, -1], keepDims: true })]).toEqual(
      [3.5, 5.5],
    );
    expect(mean.spec.infer([[2, 3, 4]], { axes: [1], keepDims: true })).toEqual([2, 1, 4]);
    for (const [op, all] of [[sum, 36] as const, [mean, 4.5] as const, [max, 8] as const]) {
      const x = count([2, 2, 2]);
      expect(op.spec.infer([x.shape], op.spec.defaults)).toEqual([]);
      expect([...op.spec.reference([x], op.spec.defaults)]).toEqual([all]);
      expect(op.spec.infer([x.shape], { axes: 'all', keepDims: true })).toEqual([1, 1, 1]);
      expect(op.spec.infer([x.shape], { axes: [], keepDims: false })).toEqual(x.shape);
    }
    expect([...transpose.spec.reference([count([1, 2, 2])], { permutation: [2, 0, 1] })]).toEqual([
      1, 3, 2, 4,
    ]);
  });
  test('reshape, squeeze and some transposes are views', () => {
    expect(reshape.spec.infer([[0, 6]], { shape: [0, 2] })).toEqual([0, 2]);
    expect(squeeze.spec.infer([[1, 3, 1]], { axes: [-1] })).toEqual([1, 3]);
    expect(transpose.spec.view!([[1, 3, 5]], { permutation: [1, 0, 2] })).toBe(true);
    expect(transpose.spec.view!([[2, 3, 5]], { permutation: [1, 0, 2] })).toBe(false);
  });
});

describe('a refusal says what was given and what to write', () => {
  const says = (run: () => unknown, message: RegExp): void => expect(run).toThrow(message);
  test('of products', () => {
    const none = { activation: 'none' } as const;
    says(
      () =>
        linear.spec.infer(
          [
            [2, 3],
            [4, 5],
          ],
          none,
        ),
      /linear was given x \[2, 3\] and w \[4, 5\]; write x as \[..., 5\], or w as \[4, 3\]/,
    );
    says(
      () => linear.spec.infer([[2, 3], [4, 3], [3]], none),
      /bias \[3\] with w \[4, 3\]; write bias as \[4\]/,
    );
    says(
      () =>
        matmul.spec.infer(
          [
            [2, 3],
            [4, 3],
          ],
          matmul.spec.defaults,
        ),
      /whose K are 3 and 4; set transposeB/,
    );
    says(
      () => matmul.spec.infer([[2], [4, 3]], matmul.spec.defaults),
      /a \[2\]; write a as \[M, K\]/,
    );
    says(
      () =>
        conv2d.spec.infer(
          [
            [1, 4, 5, 5],
            [6, 4, 1, 1],
          ],
          { ...conv2d.spec.defaults, groups: 2 },
        ),
      /in 2 groups; write w as \[O, 2, KH, KW\]/,
    );
    says(
      () =>
        conv2d.spec.infer(
          [
            [1, 1, 2, 5],
            [6, 1, 3, 3],
          ],
          conv2d.spec.defaults,
        ),
      /pad the height by 1 more/,
    );
    says(
      () =>
        conv2d.spec.infer(
          [
            [1, 1, 2, 5],
            [6, 1, 1, 1],
          ],
          { ...conv2d.spec.defaults, stride: [0, 1] },
        ),
      /stride \[0, 1\]; write stride: \[height, width\]/,
    );
    // @ts-expect-error: an activation that we do not have
    const unknown: LinearAttrs = { activation: 'relu5' };
    const shapes = [
      [2, 3],
      [4, 3],
    ];
    says(() => linear.spec.infer(shapes, unknown), /the activation "relu5"; write "relu"/);
  });
  test('of the others', () => {
    says(() => inferShape(add, [], {}), /add takes 1 to any number of inputs, and was given 0/);
    says(
      () => add.spec.infer([[2], [3]], {}),
      /add was given \[2\] and \[3\]; write shapes whose extents/,
    );
    says(() => prelu.spec.infer([[2], [3, 2]], {}), /a larger alpha \[3, 2\]/);
    says(() => biasAdd.spec.infer([[2, 3], [2]], { axis: 1 }), /write b as \[3\]/);
    says(
      () => pad.spec.infer([[2, 3]], { padding: [[1, 1]], value: 0 }),
      /padding for 1 dimensions/,
    );
    says(
      () =>
        maxPool.spec.infer([[1, 1, 4, 4]], { size: [2, 2], stride: [1, 1], padding: [2, 0, 0, 0] }),
      /a padding less than the window/,
    );
    says(
      () => resizeBilinear.spec.infer([[1, 1, 0, 4]], resizeBilinear.spec.defaults),
      /an image \[0, 4\]/,
    );
    says(() => depthToSpace.spec.infer([[1, 6, 1, 1]], { block: 2 }), /a multiple of 4/);
    says(
      () =>
        concatenate.spec.infer(
          [
            [2, 3],
            [3, 3],
          ],
          { axis: 1 },
        ),
      /\[2, 3\] and \[3, 3\] along axis 1/,
    );
    says(() => mean.spec.infer([[2, 3]], { axes: [0, 0], keepDims: false }), /name each axis once/);
    says(() => mean.spec.infer([[2, 3]], { axes: [2], keepDims: false }), /write an axis in -2..1/);
    const bare = { axes: 1, keepDims: false } as unknown as SumAttrs;
    says(() => sum.spec.infer([[2, 3]], bare), /axes 1; write a list, axes: \[0\], or 'all'/);
    says(() => reshape.spec.infer([[2, 3]], { shape: [4, -1] }), /write a shape of 6 elements/);
    says(() => reshape.spec.infer([[0]], { shape: [0, -1] }), /write a shape of 0 elements/);
    says(() => squeeze.spec.infer([[2, 1]], { axes: [0] }), /leave axis 0 out: its extent is 2/);
    says(() => transpose.spec.infer([[2, 1]], { permutation: [0, 0] }), /name each of 0..1 once/);
  });
});

test('every op has a name of its own', () => {
  expect(new Set(ops.map((o) => o.opName)).size).toBe(ops.length);
});
