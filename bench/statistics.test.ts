// Laws of the statistics: they hold for any timings, so that no report can flatter by how it counts.
import { Random } from '@lacuna/testing';
import { expect, test } from 'vitest';
import { gflops, median, speedUp, summarize } from './statistics.js';

const cases = Array.from({ length: 200 }, (_, seed) => {
  const random = new Random(seed + 1);
  const rounds = random.whole(1, 24);
  const draw = (): number[] => Array.from({ length: rounds }, () => 0.1 + random.next() * 5);
  return { random, base: draw(), times: draw() };
});

test('the median has as many numbers below it as above', () => {
  for (const { times } of cases) {
    const middle = median(times);
    const [below, above] = [times.filter((t) => t < middle), times.filter((t) => t > middle)];
    expect(below.length).toBe(above.length);
  }
});

test('the median of an even count lies between the middle two, and of none is no number', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test('the best is one of the times and none is less', () => {
  for (const { times } of cases) {
    const { best, median: usual } = summarize(times);
    expect(times).toContain(best);
    expect(times.every((t) => t >= best)).toBe(true);
    expect(usual).toBeGreaterThanOrEqual(best);
  }
});

test('a contender is as fast as itself', () => {
  for (const { times } of cases) expect(speedUp(times, times)).toEqual({ best: 1, median: 1 });
});

test('of an odd number of rounds, who is r times faster is beaten 1/r times', () => {
  for (const { base, times } of cases.filter((c) => c.times.length % 2 === 1)) {
    const [there, back] = [speedUp(base, times), speedUp(times, base)];
    expect(there.best * back.best).toBeCloseTo(1, 10);
    expect(there.median * back.median).toBeCloseTo(1, 10);
  }
});

test('what slows both in a round leaves the median ratio as it was', () => {
  for (const { random, base } of cases) {
    const times = base.map((t) => t / 3);
    const noise = base.map(() => (random.chance(0.5) ? 1 : 1 + random.next() * 20));
    const disturbed = speedUp(
      base.map((t, at) => t * noise[at]!),
      times.map((t, at) => t * noise[at]!),
    );
    expect(disturbed.median).toBeCloseTo(3, 10);
  }
});

test('the order of rounds and the unit of time do not matter', () => {
  for (const { random, base, times } of cases) {
    const order = random.order(base.length);
    const turned = speedUp(
      order.map((at) => base[at]! * 1000),
      order.map((at) => times[at]! * 1000),
    );
    expect(turned.best).toBeCloseTo(speedUp(base, times).best, 10);
    expect(turned.median).toBeCloseTo(speedUp(base, times).median, 10);
  }
});

test('rounds that only one of the two has are left out of the median', () => {
  expect(speedUp([2, 4, 100], [1, 1]).median).toBe(3);
});

test('a billion operations in a second are one gigaflop a second', () => {
  expect(gflops(1e9, 1000)).toBe(1);
});
