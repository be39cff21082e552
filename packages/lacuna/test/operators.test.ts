// The operators of the language: each is there by its name, and those that are functions over ops take operands in
// every layout, forward and back, and give what dense operands give. Ops themselves are held to laws.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  assemble,
  attention,
  batchNorm,
  batchNormTrain,
  bcsr,
  butterflyFactor,
  concatenate,
  conv1d,
  conv2d,
  createEngine,
  crossEntropy,
  dense,
  formatOf,
  gradients,
  groupNorm,
  gruCell,
  layouts,
  lstmCell,
  matmul,
  meanSquaredError,
  multiply,
  nm,
  nmg,
  outer,
  printFormat,
  reshape,
  restricted,
  slice,
  sparseAttention,
  sparsify,
  sum,
  toDense,
  topK,
  transpose,
  variance,
  vnm,
  wasm,
  type Engine,
  type Format,
  type Tensor,
} from '../src/index.js';
import { holding } from './holding.js';

const named = `linear matmul batchMatmul outer conv1d conv2d convTranspose2d maxPool averagePool add subtract multiply
  divide scale power absolute sign maximum minimum clamp where relu relu6 leakyRelu gelu silu sigmoid tanh exp log sqrt
  rsqrt softmax logSoftmax sum mean max variance layerNorm rmsNorm batchNorm batchNormTrain groupNorm embedding gather
  scatterAdd concatenate slice pad reshape transpose broadcast dropout crossEntropy meanSquaredError attention
  sparseAttention sampledMatmul sparseSoftmax cumulativeSum topK topIndices argmax lstmCell gruCell stopGradient`;
it.each(named.split(/\s+/))('%s is there', async (name) => {
  expect(await import('../src/index.js')).toHaveProperty(name);
});

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine(wasm(), { fallback: 'quiet' });
});
afterAll(() => engine.dispose());

/** Formats of 8 × 8 in every layout. */
const wanted = new Map<string, Format>([
  ['bcsr', bcsr(2, 2)],
  ['nm', nm(2, 4)],
  ['nmg', nmg(1, 2, 2)],
  ['vnm', vnm(2, 2, 8)],
  ['butterfly', butterflyFactor(2)],
]);
const formats = layouts.map((layout) => wanted.get(layout.layoutName) ?? formatOf(layout));

const wave = (at: number): number => Math.fround(Math.sin(7.3 * (at + 1)));
const numbers = (...shape: number[]): Tensor =>
  assemble(
    dense,
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => wave(at)),
  );

/** 8 × 8 in a format: the first numbers of a wave that it has places for. */
function inFormat(format: Format): Tensor {
  const places = toDense(sparsify(numbers(8, 8), holding(format, [8, 8]), format));
  return assemble(format, [8, 8], places, {
    kept: Uint8Array.from(places, (x) => Number(x !== 0)),
  });
}

const others = {
  x: numbers(3, 8),
  state: numbers(3, 2),
  eight: numbers(8),
  square: numbers(8, 8),
  whole: assemble(dense, [8], [0, 3, 1, 2, 7, 4, 5, 6]),
};
type Others = { readonly [K in keyof typeof others]: Tensor };

const functions: readonly (readonly [string, (w: Tensor, o: Others) => Tensor])[] = [
  ['variance', (w) => variance(w, { axes: [1] })],
  ['batchNorm', (w, o) => batchNorm(w, { mean: o.eight, variance: multiply(o.eight, o.eight) })],
  ['batchNormTrain', (w, o) => batchNormTrain(w, { gain: o.eight, bias: o.eight }).y],
  ['groupNorm', (w, o) => groupNorm(w, { groups: 2, gain: o.eight })],
  ['crossEntropy', (w, o) => crossEntropy(w, o.whole)],
  ['crossEntropy by shares', (w, o) => crossEntropy(o.square, w)],
  ['meanSquaredError', (w, o) => meanSquaredError(w, o.square)],
  ['outer', (w) => outer(reshape(w, { shape: [64] }), reshape(w, { shape: [64] }))],
  [
    'conv1d',
    (w, o) => conv1d(reshape(o.x, { shape: [3, 2, 4] }), reshape(w, { shape: [8, 2, 4] })),
  ],
  [
    'conv2d by channel',
    (w, o) =>
      conv2d(reshape(o.square, { shape: [1, 4, 4, 4] }), reshape(w, { shape: [16, 1, 2, 2] }), {
        groups: 4,
      }),
  ],
  ['attention', (w, o) => attention(w, o.square, o.square)],
  ['sparse attention', (w, o) => sparseAttention(w, o.square, o.square, o.square)],
  ['sparse × sparse', (w) => matmul(w, w)],
  ['transpose', (w, o) => matmul(o.x, transpose(w, { permutation: [1, 0] }))],
  ['topK', (w) => topK(w, { k: 2 }).values],
  [
    'lstmCell',
    (w, o) =>
      lstmCell(o.x, { hidden: o.state, cell: o.state }, { input: w, hidden: firstTwo(o.square) })
        .hidden,
  ],
  [
    'gruCell',
    (w, o) =>
      gruCell(o.state, numbers(3, 8), {
        input: numbers(24, 2),
        hidden: concatenate(w, w, w, { axis: 0 }),
      }),
  ],
];
const firstTwo = (t: Tensor): Tensor => slice(t, { begin: [0, 0], size: [-1, 2] });

describe.each(functions)('%s', (_, f) => {
  const weighed = (y: Tensor): Tensor =>
    sum(multiply(y, numbers(...y.shape)), { axes: y.shape.map((__, dim) => dim) });
  const step = (w: Tensor): readonly [Tensor, Tensor] => {
    const o = Object.fromEntries(
      Object.entries(others).map(([name, t]) => [name, engine.put(t)]),
    ) as Others;
    const compiled = engine.compile((a: Tensor) => {
      const y = f(a, o);
      return [y, gradients(weighed(y), [a])[0]!] as const;
    });
    return compiled(w);
  };
  it.each(formats.map((format) => [printFormat(format), format] as const))(
    'takes %s',
    async (__, format) => {
      const w = inFormat(format);
      const [y, slope] = await Promise.all(step(engine.put(w)).map((t) => engine.get(t)));
      const [plain, whole] = await Promise.all(
        step(engine.put(assemble(dense, [8, 8], toDense(w)))).map((t) => engine.get(t)),
      );
      near(toDense(y!), toDense(plain!));
      near(toDense(slope!), toDense(restricted(whole!, w.pattern)));
    },
  );
});

/** Equal within single precision, as sums in another order are. */
function near(found: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(found).toHaveLength(expected.length);
  for (let at = 0; at < expected.length; at++) expect(found[at]!).toBeCloseTo(expected[at]!, 4);
}
