// Elementwise ops in one run: the bits of a run an op, in every shape and pattern.
import { createEngine } from '@lacuna/engine';
import { assemble, toDense, type Op, type Tensor } from '@lacuna/ir';
import { bcsr, csr } from '@lacuna/layouts';
import {
  absolute,
  add,
  clamp,
  divide,
  erf,
  exp,
  gelu,
  leakyRelu,
  log,
  masked,
  maximum,
  minimum,
  multiply,
  power,
  prelu,
  relu,
  relu6,
  rsqrt,
  scale,
  sigmoid,
  sign,
  silu,
  sqrt,
  subtract,
  sum,
  tanh,
} from '@lacuna/ops';
import { firstDifference, Random } from '@lacuna/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { dawn } from '../test/dawn.js';

const seed = Number(process.env['LAWS_SEED'] ?? 1);
const engine = await createEngine(dawn(), { fallback: 'refuse' });
afterAll(() => engine.dispose());

type Use = readonly [op: Op, attrs: object];
const ofOne: readonly Use[] = [
  ...[absolute, erf, exp, log, relu, relu6, rsqrt, sigmoid, sign, silu, sqrt, tanh].map(
    (op): Use => [op, {}],
  ),
  [clamp, { least: -1, most: 2 }],
  [gelu, { form: 'exact' }],
  [gelu, { form: 'tanh' }],
  [leakyRelu, { slope: 0.25 }],
  [power, { exponent: 3 }],
  [power, { exponent: -0.5 }],
  [scale, { factor: 0.1 }],
];
const ofTwo: readonly Use[] = [add, subtract, multiply, divide, maximum, minimum, prelu].map(
  (op): Use => [op, {}],
);

type Formula = (whole: readonly Tensor[], stretched: readonly Tensor[]) => Tensor;

/** A formula of ops over tensors of one shape and others that stretch to it: each reads what was made last. */
function randomFormula(random: Random): Formula {
  const steps = Array.from({ length: random.whole(2, 12) }, () => {
    const [op, attrs] = random.pick(random.chance(0.5) ? ofOne : ofTwo);
    const [swap, pick, wide] = [random.chance(0.3), random.next(), random.chance(0.3)];
    return { op, attrs, swap, pick, wide, two: op.spec.arity[1] > 1 };
  });
  return (whole, stretched) => {
    const all = [...whole];
    for (const { op, attrs, swap, pick, wide, two } of steps) {
      const [last, from] = [all.at(-1)!, wide ? stretched : all];
      const other = from[Math.floor(pick * from.length)] ?? last;
      const pair = swap && op !== prelu ? [other, last] : [last, other];
      all.push(op(...(two ? pair : [last]), attrs));
    }
    return all.at(-1)!;
  };
}

/** Runs of a plan, by the kernels in it. */
const runs = (text: string): readonly string[] =>
  [...text.matchAll(/^run [^:]*: (\S+)/gm)].map(([, kernel]) => kernel!);

describe('a formula in one run', () => {
  it('has the bits of a run an op', async () => {
    const random = new Random(seed, 1);
    let joined = 0;
    for (let round = 0; round < 60; round++) {
      const shape = [random.extent(0, 33), random.extent(0, 33), random.extent(0, 5)];
      const number = (of: readonly number[]): Tensor =>
        engine.tensor(
          Float32Array.from({ length: of.reduce((a, b) => a * b, 1) }, () =>
            random.chance(0.1) ? random.pick([0, -0, NaN, Infinity]) : random.next() * 8 - 4,
          ),
          of,
        );
      const whole = [shape, shape, shape].map(number);
      const stretched = [[], shape.slice(2), [shape[1]!, 1], [1, 1, shape[2]!]].map(number);
      const formula = randomFormula(random);
      const plan = engine.compile((a: readonly Tensor[], b: readonly Tensor[]) => formula(a, b));
      const [y, z] = [plan(whole, stretched), formula(whole, stretched)];
      const [got, wanted] = [toDense(await engine.get(y)), toDense(await engine.get(z))];
      const at = firstDifference(got, wanted);
      expect([plan.explain(), at, got[at]]).toEqual([plan.explain(), -1, wanted[at]]);
      joined += runs(plan.explain()).filter((kernel) => kernel === 'fused').length;
      for (const t of [y, z, plan, ...whole, ...stretched]) t.dispose();
    }
    expect(joined).toBeGreaterThan(40);
  });

  it.each([
    ['csr', csr],
    ['bcsr(4,1)', bcsr(4, 1)],
  ] as const)('runs over the stored values of %s', async (_, layout) => {
    const numbers = Float32Array.from({ length: 12 * 20 }, (__, at) => (at % 3 ? 0 : at / 7 - 9));
    const w = engine.put(assemble(layout, [12, 20], numbers));
    const by = engine.tensor([0.5], []);
    const step = (x: Tensor, rate: Tensor): Tensor =>
      multiply(absolute(scale(multiply(x, x), { factor: 3 })), rate);
    const plan = engine.compile(step);
    const [y, z] = [plan(w, by), step(w, by)];
    expect(y.pattern).toBe(w.pattern);
    expect(runs(plan.explain())).toEqual(['fused']);
    expect(await y.read()).toEqual(await z.read());
    for (const t of [y, z, plan, w, by]) t.dispose();
  });

  it('does not take along what something else reads, or what is given out', async () => {
    const x = engine.tensor([1, 2, 3], [3]);
    const plan = engine.compile((a: Tensor) => {
      const shared = scale(relu(a), { factor: 2 });
      return [add(sigmoid(shared), sum(shared)), tanh(relu(a))] as const;
    });
    const [y, z] = plan(x);
    const two = [2, 4, 6].map((v) => 1 / (1 + Math.exp(-v)) + 12);
    (await y.read()).forEach((v, at) => expect(v).toBeCloseTo(two[at]!, 5));
    expect(runs(plan.explain()).toSorted()).toEqual(['fused', 'fused', 'fused', 'sum']);
    for (const t of [y, z, plan, x]) t.dispose();
  });

  it('masks in passing', async () => {
    const [x, m] = [engine.tensor([1, -2, 3], [3]), engine.tensor([1, 1, 0], [3])];
    const plan = engine.compile((a: Tensor, k: Tensor) => relu(masked(scale(a, { factor: 2 }), k)));
    const y = plan(x, m);
    expect([...(await y.read())]).toEqual([2, 0, 0]);
    expect(runs(plan.explain())).toEqual(['fused']);
    for (const t of [y, plan, x, m]) t.dispose();
  });

  it('splits what is more than a device binds', async () => {
    const xs = Array.from({ length: 20 }, (_, k) => engine.tensor([k, 1], [2]));
    const plan = engine.compile((all: readonly Tensor[]) =>
      all.reduce((a, b) => add(multiply(a, all[0]), b)),
    );
    const y = plan(xs);
    expect((await y.read())[1]).toBe(20);
    expect(runs(plan.explain()).length).toBeLessThanOrEqual(5);
    for (const t of [y, plan, ...xs]) t.dispose();
  });
});
