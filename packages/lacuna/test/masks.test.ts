// A kernel's mask is the sparsifier's, to the bit, and it refuses what the sparsifier refuses.
import { sizeOf, sparsifier } from '@lacuna/ir';
import {
  createEngine,
  emit,
  keep,
  magnitude,
  mask,
  masked,
  nmMagnitude,
  relu,
  SparseError,
  threshold,
  wasm,
  type Engine,
  type Sparsifier,
} from '@lacuna/lacuna';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let engine: Engine;
beforeAll(async () => void (engine = await createEngine(await wasm(), { fallback: 'refuse' })));
afterAll(() => engine.dispose());

/** Numbers with ties, both zeros, and the least and greatest that there are. */
function numbers(count: number, seed: number, levels: number): Float32Array {
  let state = seed;
  const next = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  const odd = [0, -0, 2 ** -149, -(2 ** -149), 2 ** -126, 3.4028234663852886e38, -1, 1, 0.1];
  return Float32Array.from({ length: count }, () =>
    next() < 0.2
      ? odd[Math.floor(next() * odd.length)]!
      : Math.round((2 * next() - 1) * levels) / levels,
  );
}

const shapes = [
  [0],
  [1],
  [7],
  [0, 3],
  [1, 1],
  [3, 5],
  [5, 7],
  [4, 33],
  [17, 4],
  [3, 4, 6],
  [2, 3, 1],
  [40, 130],
];
const levels = [1, 5, 2 ** 20];

const rules: readonly (readonly [string, (rank: number) => readonly Sparsifier[]])[] = [
  ['keep', () => [keep()]],
  [
    'threshold',
    () =>
      [0, 2 ** -149, 0.1, 0.3, 1, 1 + 2 ** -30, 1e300].flatMap((value) => [
        threshold({ value }),
        threshold({ value, per: 'row' }),
        threshold({ value, per: 'tensor' }),
      ]),
  ],
  [
    'magnitude',
    () =>
      [
        { fraction: 0 },
        { fraction: 0.1 },
        { fraction: 0.5 },
        { fraction: 0.9 },
        { fraction: 1 },
        { count: 0 },
        { count: 3 },
      ].flatMap((budget) => [
        magnitude(budget),
        magnitude({ ...budget, per: 'row' }),
        magnitude({ ...budget, per: 'column' }),
        magnitude({ ...budget, per: 'group', group: 1 }),
        magnitude({ ...budget, per: 'group', group: 4 }),
      ]),
  ],
  [
    'nmMagnitude',
    (rank) =>
      [
        [1, 1],
        [1, 2],
        [2, 4],
        [4, 4],
        [3, 7],
        [2, 32],
      ].flatMap(([n, m]) =>
        Array.from({ length: rank }, (_, along) => nmMagnitude({ n: n!, m: m!, along })),
      ),
  ],
];

/** A share of a tensor, the last of equal ones. */
function latest(fraction: number): Sparsifier {
  const drop = (n: number): number => Math.round(fraction * n);
  return sparsifier({
    name: 'latest',
    kind: 'materialising',
    params: { fraction },
    rule: { keeps: 'greatest', of: 'tensor', drop, ties: 'last' },
    keep(data) {
      const order = Uint32Array.from(data.keys());
      order.sort((a, b) => Math.abs(data[a]!) - Math.abs(data[b]!) || a - b);
      const kept = new Uint8Array(data.length).fill(1);
      for (const at of order.subarray(0, drop(data.length))) kept[at] = 0;
      return kept;
    },
  });
}

describe('a mask on the WASM backend', () => {
  for (const [name, make] of rules)
    it(`is that of ${name}`, async () => {
      for (const shape of shapes)
        for (const level of levels) {
          const data = numbers(sizeOf(shape), 1 + sizeOf(shape), level);
          const x = engine.tensor(data, shape);
          for (const how of make(shape.length)) {
            const y = mask(x, { how });
            const words = `${how.print()} of [${shape.join(', ')}]`;
            expect([...(await y.read())], words).toEqual([...how.keep(data, shape)]);
            y.dispose();
          }
          x.dispose();
        }
    });

  it('is the same on 1, 2 and 7 threads, of a run in pieces too, whichever of equal ones stay', async () => {
    const engines = await Promise.all([1, 2, 7].map((threads) => createEngine(wasm({ threads }))));
    for (const shape of [[16_385], [100_001], [3, 30_001]])
      for (const level of [1, 2 ** 20]) {
        const data = numbers(sizeOf(shape), 2 + level, level);
        for (const how of [
          ...[0, 0.3, 0.9].flatMap((fraction) => [magnitude({ fraction }), latest(fraction)]),
          magnitude({ fraction: 0.7, per: 'row' }),
          threshold({ value: 0.3, per: 'row' }),
          threshold({ value: 0.3 }),
        ]) {
          const want = how.keep(data, shape);
          for (const each of engines) {
            const x = each.tensor(data, shape);
            const y = await mask(x, { how }).read();
            const at = y.findIndex((v, place) => v !== want[place]);
            expect(at, `${how.print()} of [${shape.join(', ')}], ${level} levels`).toBe(-1);
            x.dispose();
          }
        }
      }
    for (const each of engines) each.dispose();
  });

  it('refuses a number that has no magnitude on several threads, wherever it is', async () => {
    const several = await createEngine(wasm({ threads: 2 }));
    const how = threshold({ value: 0.5 });
    for (const at of [0, 99_999, 250_000]) {
      const x = several.tensor(numbers(250_001, 3, 100).fill(NaN, at, at + 1), [250_001]);
      expect(() => mask(x, { how })).toThrow(/orders by magnitude/);
      expect(() => emit(relu(x), { sparsify: how })).toThrow(/orders by magnitude/);
      x.dispose();
    }
    several.dispose();
  });

  it('refuses a number that has no magnitude with the sparsifier’s own words', () => {
    for (const bad of [NaN, Infinity, -Infinity])
      for (const at of [0, 15, 16, 34]) {
        const data = numbers(35, 3, 100).fill(bad, at);
        const x = engine.tensor(data, [5, 7]);
        for (const how of [
          magnitude({ fraction: 0 }),
          threshold({ value: 0 }),
          nmMagnitude({ n: 1, m: 2 }),
        ]) {
          let words = '';
          try {
            how.keep(data, [5, 7]);
          } catch (error) {
            words = (error as SparseError).message;
          }
          expect(words).toContain('orders by magnitude');
          expect(() => mask(x, { how })).toThrow(words);
        }
        x.dispose();
      }
  });

  it('keeps a NaN that is only not zero', async () => {
    const x = engine.tensor([NaN, 0, -0, Infinity], [4]);
    expect([...(await mask(x, { how: keep() }).read())]).toEqual([1, 0, 0, 1]);
    x.dispose();
  });

  it('leaves a sparsifier without a rule to itself, whatever it is called', () => {
    const { params, keep: decide } = threshold({ value: 1 });
    const own = sparsifier({ name: 'threshold', kind: 'streaming', params, keep: decide });
    const x = engine.tensor([1, 2], [2]);
    expect(() => mask(x, { how: own })).toThrow(SparseError);
    x.dispose();
  });

  it('gives the numbers under it, and zero beside', async () => {
    for (const count of [0, 1, 3, 4, 13]) {
      const data = numbers(count, 5, 9);
      data.fill(NaN, 2, 3);
      const kept = Float32Array.from(data, (_, at) => [1, 0, NaN, -0][at % 4]!);
      const y = masked(engine.tensor(data, [count]), engine.tensor(kept, [count]));
      const want = data.map((v, at) => (at % 4 === 0 || at % 4 === 2 ? v : 0));
      expect([...(await y.read())]).toEqual([...want]);
    }
  });
});
