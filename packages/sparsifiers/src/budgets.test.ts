import { assemble, dense, SparseError, type Numbers, type Sparsifier } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { describe, expect, it } from 'vitest';
import {
  across,
  allocate,
  allocators,
  averageSameMask,
  butterfly,
  changesAt,
  cosine,
  cubic,
  customSchedule,
  fixedMask,
  groupSoft,
  hardThreshold,
  iterative,
  layerWise,
  magnitude,
  mcp,
  movement,
  nmMagnitude,
  oneShot,
  parseSchedule,
  parseSparsifier,
  proxes,
  random,
  scad,
  scheduled,
  scheduleMakers,
  snip,
  softThreshold,
  stepwise,
  topk,
  transposableNm,
  wanda,
  wgsef,
} from './index.ts';

/** Numbers in -1..1, the same for the same seed. */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return state / 1073741823.5 - 1;
  });
}
const kept = (how: Sparsifier, x: readonly number[], shape: readonly number[]): number[] => [
  ...how.keep(Float32Array.from(x), shape),
];
const ones = (mask: Uint8Array): number => mask.reduce((a, b) => a + b, 0);
const message = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    if (error instanceof SparseError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
};

describe('topk', () => {
  it('agrees with a stable sort for every k and both ways of ties', () => {
    for (let seed = 1; seed < 30; seed++) {
      const x = numbers(seed % 14, seed).map((v) => Math.round(v * (seed % 2 ? 2 : 1e6)));
      for (const ties of ['first', 'last'] as const) {
        const sign = ties === 'first' ? 1 : -1;
        const order = [...x.keys()].sort((a, b) => x[b]! - x[a]! || sign * (a - b));
        for (let k = 0; k <= x.length + 1; k++) {
          const theirs = new Uint8Array(x.length);
          for (const at of order.slice(0, k)) theirs[at] = 1;
          expect(topk(x, k, { ties })).toEqual(theirs);
        }
      }
    }
  });
  it('refuses NaN, naming its place', () => {
    expect(message(() => topk(Float32Array.of(1, Number.NaN), 1))).toMatch(/NaN, at 1/);
    expect(message(() => topk(Float32Array.of(1), 0.5))).toMatch(/asked for 0.5/);
  });
});

describe('budgets', () => {
  it('count within rows, columns and groups', () => {
    const x = [5, 1, 4, 2, 3, 6];
    expect(kept(magnitude({ count: 1 }), x, [2, 3])).toEqual([0, 0, 0, 0, 0, 1]);
    expect(kept(magnitude({ count: 1, per: 'row' }), x, [2, 3])).toEqual([1, 0, 0, 0, 0, 1]);
    expect(kept(magnitude({ count: 1, per: 'column' }), x, [2, 3])).toEqual([1, 0, 0, 0, 1, 1]);
    const groups = magnitude({ count: 1, per: 'group', group: 2 });
    expect(kept(groups, x, [2, 3])).toEqual([1, 0, 1, 0, 1, 1]);
    expect(groups.count?.([2, 3])).toBe(4);
    expect(groups.print()).toBe('magnitude(count=1, per=group, group=2)');
  });
  it('refuses a budget that says nothing or two things', () => {
    expect(message(() => magnitude({}))).toMatch(/neither fraction nor count/);
    expect(message(() => magnitude({ fraction: 0.5, count: 3 }))).toMatch(/both/);
  });
});

describe('scores', () => {
  const w = Float32Array.of(1, -2, 3, -4);
  const gradient = Float32Array.of(4, 3, 0, 1);
  it('movement, snip and wanda keep what their formulas say', () => {
    expect([...movement({ count: 2 }).keep(w, [2, 2], { gradient })]).toEqual([0, 1, 0, 1]);
    expect([...snip({ count: 2 }).keep(w, [2, 2], { gradient })]).toEqual([0, 1, 0, 1]);
    const norm = Float32Array.of(9, 1);
    expect([...wanda({ fraction: 0.5 }).keep(w, [2, 2], { norm })]).toEqual([1, 0, 1, 0]);
  });
  it('says what it needs', () => {
    expect(message(() => movement({ count: 1 }).keep(w, [4]))).toMatch(
      /movement needs gradient, and was given the numbers alone; pass \{ gradient \}/,
    );
    expect(message(() => wanda({ count: 1 }).keep(w, [2, 2], { norm: w.slice(1) }))).toMatch(
      /4 numbers or 2, and was given 3/,
    );
  });
});

describe('allocators', () => {
  const shapes = [
    [64, 3, 3, 3],
    [64, 64, 3, 3],
    [128, 64, 3, 3],
    [10, 128],
  ];
  it.each(allocators)('%s spends the budget exactly', (by) => {
    for (const density of [0.01, 0.1, 0.5, 1]) {
      const sizes = shapes.map((shape) => shape.reduce((a, b) => a * b, 1));
      const spent = allocate(by, shapes, density).reduce((sum, d, l) => sum + d * sizes[l]!, 0);
      const all = sizes.reduce((a, b) => a + b, 0);
      expect(Math.abs(spent / all - density)).toBeLessThan(1e-9);
    }
  });
  it('divides among tensors, and orders them together for global', () => {
    const sharers = [
      { numbers: numbers(100, 1), shape: [10, 10] },
      { numbers: numbers(100, 2).map((x) => x * 10), shape: [10, 10] },
    ];
    const [a, b] = across(magnitude({ fraction: 0.5 }), sharers, 'global');
    expect(ones(a!) + ones(b!)).toBe(100);
    expect(ones(a!)).toBeLessThan(20);
    expect(across(random({ fraction: 0.9, seed: 1 }), sharers, 'erk').map(ones)).toEqual([10, 10]);
    expect(message(() => across(random({ fraction: 0.9, seed: 1 }), sharers, 'global'))).toMatch(
      /no score/,
    );
  });
});

describe('static and transposable patterns', () => {
  it('a flat block butterfly has density (factors + 1) / size', () => {
    const counts = [
      [16, 1],
      [16, 2],
      [16, 4],
      [8, 3],
    ].map(([size, factors]) => {
      const how = butterfly({ block: 2, size: size!, factors: factors! });
      return how.count!([64, 128]) / (64 * 128);
    });
    expect(counts).toEqual([0.125, 0.1875, 0.3125, 0.5]);
  });
  it('transposable masks are n:m along rows and columns, and no 2:4 block has a better one', () => {
    for (const [n, m] of [
      [2, 4],
      [1, 4],
      [4, 8],
    ] as const) {
      const mask = transposableNm({ n, m }).keep(numbers(256, 3), [16, 16]);
      for (let line = 0; line < 16; line++)
        for (let block = 0; block < 16; block += m)
          for (const along of [(at: number) => line * 16 + at, (at: number) => at * 16 + line]) {
            const run = Array.from({ length: m }, (_, at) => mask[along(block + at)]!);
            expect(run.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(n);
          }
    }
  });
  it('a fixed mask refuses another shape', () => {
    expect(message(() => fixedMask([1, 0]).keep(new Float32Array(3), [3]))).toMatch(/2 places/);
  });
});

describe('schedules', () => {
  it('rise as their formulas say', () => {
    const zhu = cubic({ to: 0.9, end: 4 });
    expect([0, 1, 2, 3, 4, 9].map((s) => zhu.at(s).toFixed(4))).toEqual([
      '0.0000',
      '0.5203',
      '0.7875',
      '0.8859',
      '0.9000',
      '0.9000',
    ]);
    expect(cosine({ to: 1, end: 2 }).at(1)).toBeCloseTo(0.5);
    expect(oneShot({ fraction: 0.5, at: 3 }).at(2)).toBe(0);
    expect(oneShot({ fraction: 0.5, at: 3 }).at(3)).toBe(0.5);
    const rounds = iterative({ fraction: 0.75, rounds: 2, every: 10 });
    expect([0, 9, 10, 100].map(rounds.at)).toEqual([0.5, 0.5, 0.75, 0.75]);
    expect(layerWise(oneShot({ fraction: 0.5 }), { delay: 5, places: 2 }).at(4, 1)).toBe(0);
  });
  it('are refused where they go backwards', () => {
    for (const make of [
      () => cubic({ from: 0.9, to: 0.5, end: 10 }),
      () => cubic({ to: 0.5, begin: 10, end: 5 }),
      () =>
        stepwise([
          [0, 0.9],
          [5, 0.5],
        ]),
      () => customSchedule({ name: 'mine', end: 3, at: (step) => 0.5 - step / 10 }),
    ])
      expect(message(make)).toMatch(/^unsupported: the schedule \w+ goes backwards/);
  });
  it('print and parse', () => {
    for (const text of [
      'cubic(to=0.9, end=100, every=10)',
      'oneShot(fraction=0.5, at=3)',
      'iterative(fraction=0.9, rounds=3, every=5, begin=0)',
      'cosine(to=0.5, from=0.1, begin=2, end=9)',
      'stepwise(10: 0.5, 20: 0.9)',
      'stepwise(0: 1:2, 100: 1:4, 200: 1:8)',
      'layerWise(cubic(to=0.9, end=100), delay=5, places=3)',
      'layerWise(stepwise(0: 15:16, 8: 8:16), delay=2, places=2)',
    ])
      expect(parseSchedule(text).print()).toBe(text);
  });
  it('parse by makers of one’s own, which may be inside others', () => {
    const linear = customSchedule({ name: 'linear', end: 10, at: (step) => step / 20 });
    const makers = { ...scheduleMakers, linear: () => linear };
    expect(parseSchedule('linear', makers).at(99)).toBe(0.5);
    const text = 'layerWise(linear, delay=5, places=2)';
    expect(parseSchedule(text, makers).at(7, 1)).toBe(0.1);
    expect(parseSchedule(text, makers).print()).toBe(text);
  });
  it.each([
    ['stepwise(10: 0.9, 20: 0.5)', /goes backwards, from 10: 0.9 to 20: 0.5; write fractions/],
    ['stepwise(0: 1:4, 9: 1:2)', /goes backwards, from 0: 1:4 to 9: 1:2/],
    ['stepwise(9: 0.5, 9: 0.6)', /goes backwards/],
    ['layerWise(cubic(from=0.9, to=0.5, end=9), delay=1, places=2)', /cubic goes backwards/],
    ['stepwise(0: 3:2)', /"3:2", which is no n:m; write how many stay, a colon, of how many/],
    ['stepwise(0: 0.5, 1: 1:4)', /has fractions beside n:m; write all stages as fractions/],
    ['stepwise(10 0.5)', /"10 0.5" is no stage; write the step, a colon and the fraction or n:m/],
    ['stepwise', /no stages; write stepwise\(10: 0.5, 20: 0.9\)/],
    ['layerWise', /write layerWise\(cubic/],
    ['layerWise(cubic(to=0.9, end=9), delay=1)', /places is missing/],
    ['stepwize(10: 0.5)', /no schedule is called "stepwize"; did you mean stepwise/],
    ['cubic(to=0.9, end=9, places=1)', /cubic has no parameter places/],
  ])('text that is wrong is refused with what to write: %s', (text, said) => {
    expect(() => parseSchedule(text)).toThrow(said);
  });
  it('set n of m, or both', () => {
    const half = nmMagnitude({ n: 1, m: 16 });
    const shown = (text: string, step: number, how: Sparsifier = half): string =>
      scheduled(how, parseSchedule(text), step).print();
    // Stepwise as published: M−1, M/2, … N of M; geometric: the same share of smaller blocks.
    const stages = 'stepwise(0: 15:16, 1: 8:16, 2: 4:16, 3: 2:16, 4: 1:16)';
    expect([0, 1, 2, 3, 4].map((step) => shown(stages, step))).toEqual(
      [15, 8, 4, 2, 1].map((n) => `nmMagnitude(n=${n}, m=16, along=1)`),
    );
    const geometric = 'stepwise(0: 8:64, 5: 4:32, 10: 2:16, 15: 1:8)';
    expect([0, 5, 10, 15].map((step) => shown(geometric, step))).toEqual(
      ['8, m=64', '4, m=32', '2, m=16', '1, m=8'].map((nm) => `nmMagnitude(n=${nm}, along=1)`),
    );
    expect([4, 5, 6].map((s) => changesAt(half, parseSchedule(geometric), s))).toEqual([
      false,
      true,
      false,
    ]);
    expect([0, 50, 100].map((step) => shown('cubic(to=0.9375, end=100)', step))).toEqual(
      [16, 2, 1].map((n) => `nmMagnitude(n=${n}, m=16, along=1)`),
    );
    const decayed = parseSparsifier('nmMagnitude(n=1, m=2, along=0, backward=decay:0.002)');
    expect(shown('stepwise(3: 1:4)', 3, decayed)).toBe(
      'nmMagnitude(n=1, m=4, along=0, backward=decay:0.002)',
    );
    expect(shown('stepwise(3: 1:4)', 2, decayed)).toMatch(/n=1, m=1,/);
    expect(shown('stepwise(0: 2:8)', 0, parseSparsifier('nmgMagnitude(n=1, m=4, g=2)'))).toBe(
      'nmgMagnitude(n=2, m=8, g=2, along=0, group=1, mode=swaps)',
    );
    expect(() => shown('stepwise(0: 1:2)', 0, magnitude({ fraction: 0.5 }))).toThrow(
      /magnitude\(fraction=0.5\) has no n:m for a schedule to set; write a sparsifier that has/,
    );
    expect(() => shown('oneShot(fraction=0.5)', 0, parseSparsifier('keep'))).toThrow(
      /has no fraction for oneShot/,
    );
  });
});

describe('proximal steps', () => {
  const objective = (z: number, x: number, penalty: (z: number) => number): number =>
    (z - x) ** 2 / 2 + penalty(z);
  const penalties: Record<string, (z: number, t: number) => number> = {
    soft: (z, t) => t * Math.abs(z),
    hard: (z, t) => (z === 0 ? 0 : t),
    scad(z, t) {
      const [a, s] = [3.7, Math.abs(z)];
      if (s <= t) return t * s;
      return s <= a * t ? (2 * a * t * s - s * s - t * t) / (2 * (a - 1)) : (t * t * (a + 1)) / 2;
    },
    mcp(z, t) {
      const [g, s] = [3, Math.abs(z)];
      return s <= g * t ? t * s - (s * s) / (2 * g) : (g * t * t) / 2;
    },
  };
  it.each([softThreshold(), hardThreshold(), scad(), mcp()])(
    '$name minimises ½(z − x)² + t·penalty(z)',
    ({ name, step }) => {
      for (const t of [0, 0.3, 1])
        for (let x = -4; x <= 4; x += 0.1) {
          const [z] = step(Float64Array.of(x), [1], t);
          const f = (at: number): number => objective(at, x, (y) => penalties[name]!(y, t));
          for (let other = -5; other <= 5; other += 0.05)
            expect(f(z!)).toBeLessThanOrEqual(f(other) + 1e-9);
        }
    },
  );
  it('groupSoft shrinks rows, and drops those that are small', () => {
    expect([...groupSoft().step(Float32Array.of(3, 4, 0.1, 0), [2, 2], 2.5)]).toEqual([
      1.5, 2, 0, 0,
    ]);
  });
  it('wgsef: shares sum to k where that binds, and only shrink where it does not', () => {
    const w = numbers(24, 5);
    const shrunk = wgsef({ k: 6, per: 'row' }).step(w, [6, 4], 0.5);
    shrunk.forEach((z, at) => expect(z).toBeCloseTo(w[at]! / 1.5, 6));
    const bound = wgsef({ k: 2, per: 'row' }).step(w, [6, 4], 0.5);
    let total = 0;
    for (let row = 0; row < 6; row++) {
      const ratio = bound[row * 4]! / w[row * 4]!;
      total += ratio === 0 ? 0 : (0.5 * ratio) / (1 - ratio);
    }
    expect(total).toBeCloseTo(2, 6);
    const zeros = wgsef({ k: 1, per: 'column' }).step(
      Float64Array.of(3, 0.5, -1.5, 0.25),
      [2, 2],
      0.5,
    );
    expect([...zeros]).toEqual([2, 0, -1, 0]); // not what rounding leaves
  });
  it('wgsef with weights minimises ½‖z − w‖² + t·envelope(z), and spends no more than k', () => {
    const shape = [6, 4];
    const norms = (z: ArrayLike<number>): number[] =>
      [0, 1, 2, 3, 4, 5].map((row) => Math.hypot(...[0, 1, 2, 3].map((c) => z[row * 4 + c]!)));
    /** ½ min_u Σ ‖z_G‖²/u_G over u in 0..1 with Σ d_G·u_G ≤ k, by bisection on u_G = min(1, η‖z_G‖/√d_G). */
    const envelope = (z: ArrayLike<number>, d: readonly number[], k: number): number => {
      const sizes = norms(z).map((n, g) => n / Math.sqrt(d[g]!));
      const spent = (eta: number): number =>
        sizes.reduce((sum, s, g) => sum + d[g]! * Math.min(1, eta * s), 0);
      let [low, high] = [0, 1e9];
      if (spent(high) <= k) low = high;
      for (let turn = 0; turn < 100; turn++) {
        const eta = (low + high) / 2;
        if (spent(eta) > k) high = eta;
        else low = eta;
      }
      return norms(z).reduce((sum, n, g) => {
        const u = Math.min(1, low * sizes[g]!);
        return n === 0 ? sum : sum + n ** 2 / (2 * u);
      }, 0);
    };
    for (let seed = 1; seed <= 20; seed++) {
      const w = Float64Array.from(numbers(24, seed));
      const d = Array.from(numbers(6, seed + 99), (x) => 0.5 + Math.abs(x) * 3);
      const [k, t] = [1 + (seed % 4), 0.2 + seed / 20];
      const z = wgsef({ k, per: 'row', weights: d }).step(w, shape, t);
      const objective = (y: Float64Array): number =>
        y.reduce((sum, v, at) => sum + (v - w[at]!) ** 2 / 2, 0) + t * envelope(y, d, k);
      const best = objective(z);
      for (let other = 0; other < 40; other++) {
        const noise = numbers(24, 1000 * seed + other);
        for (const step of [1, 0.1, 0.001]) {
          const moved = z.map((v, at) => v + step * noise[at]!);
          expect(objective(moved)).toBeGreaterThanOrEqual(best - 1e-7);
        }
      }
      const shares = norms(z).map((n, g) => (t * n) / (norms(w)[g]! - n));
      const spent = shares.reduce((sum, u, g) => sum + d[g]! * u, 0);
      expect(spent).toBeLessThanOrEqual(k + 1e-8);
    }
    expect(() => wgsef({ k: 1, weights: [1, 0] })).toThrow(/a weight of 0; write a budget/);
    expect(() => wgsef({ k: 1, weights: [1, 2] }).step(Float64Array.of(1), [1], 1)).toThrow(
      /given 2 weights, and \[1\] has 1 groups; write a weight for each/,
    );
  });
  it('are found by name', () => {
    expect(Object.values(proxes).map((make) => make({ k: 1 }).name).length).toBe(6);
    expect(message(() => softThreshold().step(new Float32Array(2), [2], -1))).toMatch(/t = -1/);
  });
});

describe('averages of one mask', () => {
  it('stay in it, for any layout, and others are refused', () => {
    const [a, b] = [assemble(csr, [2, 2], [1, 0, 0, 3]), assemble(csr, [2, 2], [3, 0, 0, 1])];
    expect([...(averageSameMask([a, b]).values as Numbers)]).toEqual([2, 2]);
    expect(message(() => averageSameMask([a, assemble(csr, [2, 2], [1, 1, 0, 1])]))).toMatch(
      /^lossy/,
    );
    expect(message(() => averageSameMask([a, assemble(dense, [2, 2], [1, 0, 0, 1])]))).toMatch(
      /^lossy/,
    );
  });
});

describe('sparsifiers as text', () => {
  it.each([
    'keep',
    'magnitude(fraction=0.9)',
    'magnitude(count=3, per=group, group=4)',
    'movement(fraction=0.5)',
    'wanda(fraction=0.5, per=row)',
    'random(fraction=0.5, seed=1)',
    'threshold(value=0.1, per=row)',
    'blocks(rows=4, columns=1, fraction=0.5)',
    'blocks(rows=1, columns=16, fraction=0.5, by=wanda)',
    'nmMagnitude(n=2, m=4, along=0)',
    'nmgMagnitude(n=2, m=4, g=8, along=0, group=1, mode=greedy)',
    'transposableNm(n=2, m=4)',
    'butterfly(block=2, size=4, factors=1)',
    'nmMagnitude(n=1, m=16, along=1, backward=decay:0.002)',
    'magnitude(fraction=0.9, backward=straight-through)',
  ])('%s prints as it was read', (text) => {
    expect(parseSparsifier(text).print()).toBe(text);
  });
  it('refuses what cannot be read, saying what to write', () => {
    expect(message(() => parseSparsifier('magnitude(fraction)'))).toMatch(/is no parameter/);
    expect(message(() => parseSparsifier('magnitude(fraction=0.5, colour=3)'))).toMatch(
      /no parameter colour/,
    );
    expect(message(() => parseSparsifier('magnitude(fraction=x)'))).toMatch(/fraction is "x"/);
    expect(message(() => parseSparsifier('threshold(value=1, per=day)'))).toMatch(
      /write tensor or row/,
    );
    expect(message(() => parseSparsifier('keep(backward=sideways)'))).toMatch(/straight-through/);
  });
});
