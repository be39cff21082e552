// Functions over ops: what they compute, and that gradients flow through them, on both backends.
import { wasm } from '@lacuna/backend-wasm';
import { createEngine, gradients, type Engine } from '@lacuna/engine';
import { toDense, type DType, type Tensor } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import {
  attention,
  batchNorm,
  batchNormTrain,
  conv1d,
  crossEntropy,
  groupNorm,
  gruCell,
  lstmCell,
  meanSquaredError,
  multiply,
  outer,
  sparseAttention,
  sum,
  topK,
  variance,
} from '@lacuna/ops';
import { reference } from '@lacuna/reference';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let engines: readonly { readonly engine: Engine; readonly dtype: DType }[];
beforeAll(async () => {
  engines = [
    { engine: await createEngine(reference()), dtype: 'float64' },
    { engine: await createEngine(wasm(), { fallback: 'refuse' }), dtype: 'float32' },
  ];
});
afterAll(() => engines.forEach(({ engine }) => engine.dispose()));

let turn = 0;
/** Numbers in -1..1, no two alike. */
const numbers = (count: number): Float64Array =>
  Float64Array.from({ length: count }, () => Math.fround(Math.sin(++turn * 7.3)));

interface Given {
  readonly shape: readonly number[];
  readonly numbers: ArrayLike<number>;
  readonly layout?: typeof csr;
}
const given = (...shape: number[]): Given => ({
  shape,
  numbers: numbers(shape.reduce((a, b) => a * b, 1)),
});

/** Σ y·c for a fixed c, so that every element of y counts. */
function weighed(y: Tensor): Tensor {
  const weights = Float64Array.from({ length: y.shape.reduce((a, b) => a * b, 1) }, (_, at) =>
    Math.fround(Math.sin(at + 1)),
  );
  const { engine } = engines.find(({ dtype }) => dtype === y.dtype)!;
  const c = engine.tensor(weights, y.shape, { dtype: y.dtype });
  return sum(multiply(y, c), { axes: y.shape.map((_, dim) => dim) });
}

/** Compares gradients of Σ f·c on both backends with central differences in double precision. */
async function differentiates(
  f: (...tensors: Tensor[]) => Tensor,
  inputs: readonly Given[],
  wrt: readonly number[] = inputs.map((_, k) => k),
): Promise<void> {
  const put = ({ engine, dtype }: (typeof engines)[number], at: readonly Given[]): Tensor[] =>
    at.map(({ shape, numbers: n, layout }) =>
      engine.tensor(n, shape, { dtype, ...(layout && { layout }) }),
    );
  const [exact] = engines;
  const loss = exact!.engine.compile((all: readonly Tensor[]) => weighed(f(...all)));
  const valueAt = async (at: readonly Given[]): Promise<number> =>
    (await loss(put(exact!, at)).read())[0]!;
  for (const on of engines) {
    const step = on.engine.compile((all: readonly Tensor[]) =>
      gradients(
        weighed(f(...all)),
        wrt.map((k) => all[k]!),
      ),
    );
    const found = await Promise.all(
      step(put(on, inputs)).map(async (t) => toDense(await on.engine.get(t))),
    );
    for (const [at, k] of wrt.entries()) {
      const own = inputs[k]!;
      const e = Float64Array.from(own.numbers).findIndex(
        (v, i) => v !== 0 && i >= own.numbers.length / 2,
      );
      const moved = (h: number): Given[] => {
        const changed = Float64Array.from(own.numbers);
        changed[e]! += h;
        return inputs.with(k, { ...own, numbers: changed });
      };
      const slope = ((await valueAt(moved(1e-5))) - (await valueAt(moved(-1e-5)))) / 2e-5;
      expect(found[at]![e]!).toBeCloseTo(slope, on.dtype === 'float64' ? 7 : 4);
    }
  }
}

/** What a function gives on both backends. */
async function computes(
  f: (...tensors: Tensor[]) => Tensor,
  inputs: readonly Given[],
  wanted: readonly number[],
): Promise<void> {
  for (const { engine, dtype } of engines) {
    const tensors = inputs.map(({ shape, numbers: n }) => engine.tensor(n, shape, { dtype }));
    const got = toDense(await engine.get(f(...tensors)));
    expect(got).toHaveLength(wanted.length);
    wanted.forEach((y, at) => expect(got[at]!).toBeCloseTo(y, dtype === 'float64' ? 10 : 5));
  }
}

describe('statistics and norms', () => {
  test('variance is the mean squared distance, or with a correction that of a sample', async () => {
    const x = { shape: [1, 3], numbers: [1, 2, 6] };
    await computes((t) => variance(t, { axes: [1] }), [x], [14 / 3]);
    await computes((t) => variance(t, { axes: [1], correction: 1 }), [x], [7]);
    await differentiates((t) => variance(t, { axes: [0, 1], keepDims: true }), [given(3, 4)]);
  });

  test('batchNorm in training leaves channels with mean 0 and variance 1, and in use goes by given ones', async () => {
    const x = { shape: [2, 1, 2], numbers: [1, 3, 1, 3] };
    await computes((t) => batchNormTrain(t, { epsilon: 0 }).y, [x], [-1, 1, -1, 1]);
    await computes((t) => batchNormTrain(t).variance, [x], [1]);
    const [mean, spread, gain, bias] = [[2], [4], [3], [10]].map((n) => ({
      shape: [1],
      numbers: n,
    }));
    await computes(
      (t, m, v, g, b) => batchNorm(t, { mean: m, variance: v, gain: g, bias: b, epsilon: 0 }),
      [x, mean!, spread!, gain!, bias!],
      [8.5, 11.5, 8.5, 11.5],
    );
    await differentiates(
      (t, g, b) => batchNormTrain(t, { gain: g, bias: b }).y,
      [given(2, 3, 2, 2), given(3), given(3)],
    );
  });

  test('groupNorm normalises groups of channels of an image', async () => {
    const x = { shape: [1, 4, 1], numbers: [1, 3, 10, 30] };
    await computes((t) => groupNorm(t, { groups: 2, epsilon: 0 }), [x], [-1, 1, -1, 1]);
    await differentiates(
      (t, g, b) => groupNorm(t, { groups: 2, gain: g, bias: b }),
      [given(2, 4, 3), given(4), given(4)],
    );
  });
});

describe('losses', () => {
  test('crossEntropy takes whole numbers and shares, and says the same for both', async () => {
    const logits = { shape: [2, 3], numbers: [0, 0, 0, 100, 0, 0] };
    const wanted = [Math.log(3) / 2];
    await computes(crossEntropy, [logits, { shape: [2], numbers: [2, 0] }], wanted);
    const shares = { shape: [2, 3], numbers: [0, 0, 1, 1, 0, 0] };
    await computes(crossEntropy, [logits, shares], wanted);
    await differentiates(crossEntropy, [given(4, 5), { shape: [4], numbers: [0, 4, 2, 2] }], [0]);
    await differentiates(crossEntropy, [given(2, 3), shares], [0]);
  });

  test('meanSquaredError is the mean of squares', async () => {
    const [a, b] = [
      [1, 2],
      [3, 6],
    ].map((n) => ({ shape: [2], numbers: n }));
    await computes(meanSquaredError, [a!, b!], [10]);
    await differentiates(meanSquaredError, [given(2, 3), given(2, 3)]);
  });
});

describe('products', () => {
  test('outer multiplies every pair', async () => {
    const [a, b] = [
      [1, 2],
      [3, 5],
    ].map((n) => ({ shape: [2], numbers: n }));
    await computes(outer, [a!, b!], [3, 5, 6, 10]);
    await differentiates(outer, [given(3), given(4)]);
  });

  test('conv1d slides along one row', async () => {
    const [x, w] = [
      { shape: [1, 1, 4], numbers: [1, 2, 3, 4] },
      { shape: [1, 1, 2], numbers: [1, 10] },
    ];
    await computes((a, b) => conv1d(a, b, undefined, { stride: 2 }), [x, w], [21, 43]);
    await differentiates(
      (a, b, c) => conv1d(a, b, c, { padding: [1, 0], groups: 2 }),
      [given(2, 4, 5), given(6, 2, 3), given(6)],
    );
  });

  test('topK gives the largest and their places, and its gradient goes to them', async () => {
    const x = { shape: [1, 4], numbers: [5, 9, 7, 1] };
    await computes((t) => topK(t, { k: 2 }).values, [x], [9, 7]);
    await computes((t) => topK(t, { k: 2 }).indices, [x], [1, 2]);
    await differentiates((t) => topK(t, { k: 2, axis: 0 }).values, [given(5, 2)]);
  });
});

describe('attention', () => {
  const [q, k, v] = [given(3, 4), given(5, 4), given(5, 2)];

  test('attention weighs values by the softmax of scaled products', async () => {
    const one = (n: ArrayLike<number>): Given => ({ shape: [1, 2], numbers: n });
    await computes(
      (a, b, c) => attention(a, b, c),
      [one([1, 0]), one([3, 4]), one([7, 8])],
      [7, 8],
    );
    await differentiates((...t) => attention(t[0]!, t[1]!, t[2]!), [q, k, v]);
    await differentiates(
      (a, b, c, mask) => attention(a, b, c, { mask, scale: 0.3 }),
      [given(2, 3, 4), given(2, 5, 4), given(2, 5, 2), given(3, 5)],
    );
  });

  test('sparse attention over a pattern is dense attention with −∞ everywhere else, and so are its gradients', async () => {
    const places = [1, 0, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1];
    const like: Given = { shape: [3, 5], numbers: places };
    const mask: Given = { shape: [3, 5], numbers: places.map((p) => (p ? 0 : -1e4)) };
    for (const { engine, dtype } of engines) {
      const all = [q, k, v].map(({ shape, numbers: n }) => engine.tensor(n, shape, { dtype }));
      const [a, b, c] = all as [Tensor, Tensor, Tensor];
      const pattern = engine.tensor(like.numbers, like.shape, { dtype, layout: csr });
      const masked = engine.tensor(mask.numbers, mask.shape, { dtype });
      const sparse = await sparseAttention(a, b, c, pattern).read();
      const dense = await attention(a, b, c, { mask: masked }).read();
      sparse.forEach((y, at) => expect(y).toBeCloseTo(Number(dense[at]), 5));
    }
    await differentiates(
      (a, b, c, p) => sparseAttention(a, b, c, p),
      [q, k, v, { ...like, layout: csr }],
      [0, 1, 2],
    );
  });
});

describe('cells', () => {
  const [x, hidden, cell] = [given(2, 3), given(2, 4), given(2, 4)];

  test('an LSTM cell steps from state to state', async () => {
    const parts = [x, hidden, cell, given(16, 3), given(16, 4), given(16), given(16)];
    const step = (t: readonly Tensor[]): ReturnType<typeof lstmCell> =>
      lstmCell(
        t[0]!,
        { hidden: t[1]!, cell: t[2]! },
        { input: t[3]!, hidden: t[4]!, inputBias: t[5], hiddenBias: t[6] },
      );
    const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
    const row = (w: Given, r: number, from: Given, b: number): number => {
      const n = w.shape[1]!;
      let total = 0;
      for (let c = 0; c < n; c++) total += w.numbers[r * n + c]! * from.numbers[b * n + c]!;
      return total;
    };
    const gate = (g: number, b: number, h: number): number =>
      row(parts[3]!, g * 4 + h, x, b) +
      row(parts[4]!, g * 4 + h, hidden, b) +
      parts[5]!.numbers[g * 4 + h]! +
      parts[6]!.numbers[g * 4 + h]!;
    const next = Array.from({ length: 8 }, (_, at) => {
      const [b, h] = [Math.floor(at / 4), at % 4];
      const kept = sigmoid(gate(1, b, h)) * cell.numbers[at]!;
      return kept + sigmoid(gate(0, b, h)) * Math.tanh(gate(2, b, h));
    });
    await computes((...t) => step(t).cell, parts, next);
    const out = next.map((c, at) => sigmoid(gate(3, Math.floor(at / 4), at % 4)) * Math.tanh(c));
    await computes((...t) => step(t).hidden, parts, out);
    await differentiates((...t) => step(t).hidden, parts);
  });

  test('a GRU cell whose update gate is full keeps its state', async () => {
    const parts = [x, hidden, given(12, 3), given(12, 4), given(12), given(12)];
    const step = (...t: Tensor[]): Tensor =>
      gruCell(t[0]!, t[1]!, {
        input: t[2]!,
        hidden: t[3]!,
        inputBias: t[4],
        hiddenBias: t[5],
      });
    const full = { shape: [12], numbers: [0, 0, 0, 0, 99, 99, 99, 99, 0, 0, 0, 0] };
    await computes(step, parts.with(4, full), Array.from(hidden.numbers));
    await differentiates(step, parts);
  });
});
