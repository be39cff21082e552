import { assemble, dense, q4, q8, type Codec } from '@lacuna/ir';
import { layouts } from '@lacuna/layouts';
import { linear, multiply, ops, sqrt } from '@lacuna/ops';
import { expect, test } from 'vitest';
import {
  backwardLaws,
  boundOf,
  cases,
  claim,
  codecLaws,
  compositionLaws,
  firstOutside,
  gradientLaws,
  gamma,
  layoutLaws,
  opLaws,
  placesOf,
  printFailure,
  quantisedLaws,
  Random,
  runLaw,
  runLaws,
  valueCodec,
  valueCodecLaws,
  type Law,
} from './index.js';

const keeps = async (laws: readonly Law[], count: number): Promise<void> => {
  for (const law of laws) {
    const failure = await runLaw(law, { seed: 7, cases: count });
    expect(failure && printFailure(failure)).toBeUndefined();
  }
};

test.each(layouts.map((l) => [l.layoutName, l] as const))(
  'layout %s keeps the laws',
  async (_, l) => keeps(layoutLaws(l), 15),
);
test.each(ops.map((op) => [op.opName, op] as const))('op %s keeps the laws', async (_, op) => {
  const make = cases.get(op);
  if (!make) throw new Error(`${op.opName} has no case maker: add one to cases.ts`);
  await keeps(opLaws(op, make, layouts), 10);
  await keeps(gradientLaws(op, make), 10);
  const run = (...[o, inputs, attrs]: Parameters<Parameters<typeof runLaws>[0]['run']>) =>
    Promise.resolve(Float32Array.from(o.spec.reference(inputs, attrs)));
  await keeps(runLaws({ op, run, make }), 10);
});
test('what is not stored stays 0 when it is scaled by NaN, and is nothing else', async () => {
  const laws = (elsewhere: number): readonly Law[] =>
    runLaws({
      op: multiply,
      make: () => ({ shapes: [[3, 4], [1]], attrs: {} }),
      layouts: [layouts],
      run: (op, inputs, attrs) => {
        const places = placesOf(inputs[0]!);
        const all = op.spec.reference(inputs, attrs);
        return Promise.resolve(all.map((y, at) => (places[at] ? y : elsewhere)));
      },
    });
  await keeps(laws(0), 200);
  const law = laws(1).find(({ name }) => name.startsWith('NaN'))!;
  expect(await runLaw(law, { seed: 7, cases: 200 })).toBeDefined();
});
test('a gradient whose rule divides by what was rounded is held against a bound', async () => {
  const laws = (off: number): readonly Law[] =>
    backwardLaws({
      op: sqrt,
      make: () => ({
        shapes: [[5]],
        attrs: {},
        fill: { 0: (r, n) => Array.from({ length: n }, () => 1 + r.next()) },
      }),
      differentiate: (_, [x], __, dy) =>
        Promise.resolve([
          Array.from(
            x!.values,
            (v, at) => ((1 + off) * dy.values[at]!) / (2 * Math.fround(Math.sqrt(v))),
          ),
        ]),
    });
  await keeps(laws(0), 50);
  expect(await runLaw(laws(1e-4)[0]!, { seed: 7, cases: 50 })).toBeDefined();
});
test('the codecs keep the laws', async () => {
  const some = (random: Random): Codec =>
    random.pick([q4, q8])(
      random.whole(1, 33),
      random.pick([{}, { zero: true }, { scale: 'float32' }] as const),
    );
  await keeps([...codecLaws(), ...valueCodecLaws((random) => valueCodec(some(random)))], 50);
  await keeps(quantisedLaws(some, layouts), 30);
});

test('compositions keep the laws', async () => keeps(compositionLaws(layouts), 40));

test('a failure is reported for the smallest case that is found, and can be made again', async () => {
  const law: Law = {
    name: 'extents are below 10',
    run: (random) => claim(random.extent() < 10, 'ten or more'),
  };
  const failure = (await runLaw(law, { seed: 1, cases: 50 }))!;
  expect(failure.size).toBeLessThan(1);
  expect(() => law.run(new Random(failure.seed, failure.size))).toThrow('ten or more');
  expect(printFailure(failure)).toMatch(
    /^"extents are below 10" is broken \(seed \d+, size 0\.\d+\)/,
  );
});

test('the bound is γ(k + 2) of absolute products and half a step of the result', () => {
  const [x, w] = [assemble(dense(), [1, 2], [3, -3]), assemble(dense(), [1, 2], [1, 1])];
  const { exact, tolerance } = boundOf(linear, [x, w], linear.spec.defaults);
  expect([...exact]).toEqual([0]);
  expect(tolerance[0]).toBeCloseTo(gamma(4, 2 ** -24) * 6, 20);
  expect(firstOutside([2 ** -21], { exact, tolerance })).toBe(-1);
  expect(firstOutside([2 ** -19], { exact, tolerance })).toBe(0);
  expect(firstOutside([], { exact, tolerance })).toBe(0);
  expect(gamma(2 ** 24, 2 ** -24)).toBe(Infinity);
});
