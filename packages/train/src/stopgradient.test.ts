// stopGradient: numbers pass, gradients do not, in every layout and on every path of an engine.
import { wasm } from '@lacuna/backend-wasm';
import { createEngine, gradients, type Engine } from '@lacuna/engine';
import { assemble, dense, formatOf, printFormat, toDense, type Tensor } from '@lacuna/ir';
import {
  bcsr,
  bitmask,
  coo,
  csc,
  csr,
  dcsr,
  delta,
  diagonal,
  ell,
  maskedDense,
  nm,
  rcsr,
} from '@lacuna/layouts';
import {
  absolute,
  add,
  matmul,
  minimum,
  multiply,
  relu,
  scale,
  sigmoid,
  sign,
  stopGradient,
  subtract,
  sum,
} from '@lacuna/ops';
import { afterAll, beforeAll, expect, it } from 'vitest';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine(wasm());
});
afterAll(() => engine.dispose());

const slopesOf = async (
  f: (...xs: Tensor[]) => Tensor,
  ...xs: Tensor[]
): Promise<readonly number[][]> => {
  const compiled = engine.compile((...given: Tensor[]) => gradients(sum(f(...given)), given));
  return Promise.all(compiled(...xs).map(async (g) => [...(await g.read())]));
};

it('is a constant to what comes after it', async () => {
  const x = engine.tensor([3, -4], [2]);
  expect([...(await stopGradient(x).read())]).toEqual([3, -4]);
  expect(await slopesOf((a) => multiply(a, stopGradient(a)), x)).toEqual([[3, -4]]);
  expect(await slopesOf((a) => stopGradient(multiply(a, a)), x)).toEqual([[0, 0]]);
  // Straight through: the value of the sign, the slope of x.
  const through = (a: Tensor): Tensor => add(a, stopGradient(subtract(sign(a), a)));
  expect([...(await engine.compile(through)(x).read())]).toEqual([1, -1]);
  expect(await slopesOf(through, x)).toEqual([[1, 1]]);
});

const formats = [
  ...[dense, csr, csc, dcsr, coo, bitmask, ell, delta, rcsr, diagonal, maskedDense].map(formatOf),
  bcsr(2, 2),
  nm(2, 4),
];
it.each(formats.map((format) => [printFormat(format), format] as const))(
  'keeps the numbers of %s, and lets no gradient into them',
  async (_, format) => {
    const numbers = [1, 0, 0, 2, 0, 3, 4, 0, 0, 0, 5, 0, 0, 6, 0, 7];
    const w = engine.put(assemble(format, [4, 4], numbers));
    const x = engine.tensor([1, 2, 3, 4], [4, 1]);
    const f = engine.compile((a: Tensor) => [stopGradient(w), matmul(stopGradient(w), a)]);
    const [same, y] = f(x);
    expect([...toDense(await engine.get(same!))]).toEqual(numbers);
    expect([...(await y!.read())]).toEqual([9, 18, 15, 40]);
    const both = await slopesOf((v, a) => matmul(add(v, stopGradient(v)), a), w, x);
    const plain = await slopesOf((v, a) => matmul(v, a), w, x);
    expect(both[0]).toEqual(plain[0]);
    expect(both[1]!.map((g, at) => g / plain[1]![at]!)).toEqual([2, 2, 2, 2]);
  },
);

it('says what a threshold that is learned lets back to weights below it', async () => {
  // AutoSparse: sign(w)·relu(|w| − σ(s)), whose slope is α below the threshold (Kundu et al., 2023).
  const annealed = (w: Tensor, s: Tensor): Tensor => {
    const above = subtract(absolute(w), sigmoid(s));
    const below = minimum(above, engine.tensor([0], []));
    const passed = scale(subtract(below, stopGradient(below)), { factor: 0.25 });
    return multiply(stopGradient(sign(w)), add(relu(above), passed));
  };
  const [w, s] = [engine.tensor([2, -0.25, 0.125, -3], [4]), engine.tensor([0], [])];
  const y = engine.compile(annealed)(w, s);
  expect([...(await y.read())]).toEqual([1.5, -0, 0, -2.5]);
  const [dw, ds] = await slopesOf(annealed, w, s);
  expect(dw).toEqual([1, 0.25, 0.25, 1]);
  expect(ds![0]).toBeCloseTo(-0.25 * (1 - 0.25 + 0.25 - 1), 6);
});
