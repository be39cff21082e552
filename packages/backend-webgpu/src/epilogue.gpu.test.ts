// A function at the end of a kernel: the bits of a run of its own, for every kernel that takes one along.
import { createEngine } from '@lacuna/engine';
import {
  assemble,
  dense,
  formatOf,
  printFormat,
  sizeOf,
  sparsify,
  type FormatLike,
  type Op,
  type Sparsifier,
  type Tensor,
} from '@lacuna/ir';
import { bcsr, bitmask, csr, nm, nmg } from '@lacuna/layouts';
import {
  absolute,
  clamp,
  conv2d,
  erf,
  exp,
  gelu,
  leakyRelu,
  linear,
  log,
  matmul,
  power,
  scale,
  sigmoid,
  silu,
  tanh,
} from '@lacuna/ops';
import { nmgMagnitude, nmMagnitude, threshold } from '@lacuna/lacuna';
import { firstDifference, Random } from '@lacuna/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { dawn } from '../test/dawn.js';

const seed = Number(process.env['LAWS_SEED'] ?? 1);
const engine = await createEngine(dawn(), { fallback: 'refuse' });
afterAll(() => engine.dispose());

/** relu and relu6 are attributes of products. */
const functions: readonly (readonly [Op, object])[] = [
  ...[absolute, erf, exp, log, sigmoid, silu, tanh].map((op) => [op, {}] as const),
  [clamp, { least: -0.5, most: 0.7 }],
  [gelu, { form: 'exact' }],
  [gelu, { form: 'tanh' }],
  [leakyRelu, { slope: 0.25 }],
  [power, { exponent: 2 }],
  [scale, { factor: 0.1 }],
];

const random = new Random(seed, 2);
const numbers = (shape: readonly number[]): Float32Array =>
  Float32Array.from({ length: sizeOf(shape) }, () => random.next() * 4 - 2);
const tensor = (shape: readonly number[]): Tensor => engine.tensor(numbers(shape), shape);

/** A function of tensors is one run in a plan, and has the bits of a run an op. */
async function check(
  f: (...x: Tensor[]) => Tensor,
  given: readonly Tensor[],
  run: string,
): Promise<void> {
  const plan = engine.compile(f);
  const [y, z] = [plan(...given), f(...given)];
  expect(plan.explain()).toContain(run);
  expect([...plan.explain().matchAll(/^run /gm)]).toHaveLength(1);
  const [got, wanted] = [await y.read(), await z.read()];
  const at = firstDifference(got, wanted);
  expect([at, got[at]]).toEqual([-1, wanted[at]]);
  for (const t of [y, z, plan, ...given]) t.dispose();
}

describe('a function at the end of a product', () => {
  it.each(functions.map(([op, attrs]) => [`${op.opName} ${JSON.stringify(attrs)}`, op, attrs]))(
    '%s',
    async (_, op, attrs) => {
      for (const n of [1, 3, 16, 70])
        await check(
          (x, w, bias) => op(linear(x, w, bias), attrs),
          [tensor([n, 24]), tensor([20, 24]), tensor([20])],
          `linear+${op.opName}`,
        );
    },
  );

  const layouts: readonly (readonly [Sparsifier, FormatLike])[] = [
    [threshold({ value: 1 }), csr],
    [threshold({ value: 1 }), bitmask],
    [threshold({ value: 1.9 }), bcsr({ rows: 4, columns: 1 })],
    [nmMagnitude({ n: 2, m: 4 }), nm({ n: 2, m: 4 })],
    [nmgMagnitude({ n: 1, m: 4, g: 4 }), nmg({ n: 1, m: 4, g: 4 })],
  ];
  it.each(layouts.map(([how, layout]) => [printFormat(formatOf(layout)), how, layout] as const))(
    'of %s',
    async (_, how, layout) => {
      for (const n of [1, 6, 64])
        await check(
          (w, x) => silu(matmul(w, x)),
          [
            engine.put(sparsify(assemble(dense, [64, 32], numbers([64, 32])), how, layout)),
            tensor([32, n]),
          ],
          'matmul+silu',
        );
    },
  );

  it('whose rows are cut by stored entries', async () => {
    const w = numbers([200, 3000]).map((v, at) => (at < 3000 || at % 97 === 0 ? v : 0));
    for (const n of [1, 8])
      await check(
        (a, x) => tanh(matmul(a, x)),
        [engine.put(assemble(csr, [200, 3000], w)), tensor([3000, n])],
        'matmul+tanh',
      );
  });

  it.each([
    ['a convolution', [2, 6, 9, 7], [8, 6, 3, 3], 1],
    ['groups', [2, 6, 9, 7], [8, 3, 3, 3], 2],
    ['a depthwise one', [2, 6, 9, 7], [6, 1, 3, 3], 6],
    ['one pixel', [1, 3, 3, 3], [2, 3, 3, 3], 1],
  ] as const)('%s', async (_, x, w, groups) => {
    await check((a, b) => gelu(conv2d(a, b, { groups })), [tensor(x), tensor(w)], 'conv2d+gelu');
  });
});
