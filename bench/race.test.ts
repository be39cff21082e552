// Races over a clock that only runners move: who is called when, and how often.
import { expect, test } from 'vitest';
import { race } from './race.js';

/** Runners that take the given milliseconds, the order of their calls, and the clock that they move. */
function field(...costs: readonly number[]) {
  let time = 0;
  const calls: number[] = [];
  const runners = costs.map((cost, who) => ({
    run: () => {
      calls.push(who);
      time += cost;
    },
  }));
  const clock = { name: 'cpu' as const, now: () => time };
  return { runners, calls, options: { clock, rounds: 5, least: 2, warm: 10, patience: 50 } };
}

test('every runner has a time for every round', async () => {
  const { runners, options } = field(0.5, 3, 0.01);
  const times = await race(runners, options);
  expect(times.map((t) => t.length)).toEqual([5, 5, 5]);
  times.forEach((t, at) => t.forEach((ms) => expect(ms).toBeCloseTo([0.5, 3, 0.01][at]!, 8)));
});

test('runners take turns', async () => {
  const { runners, calls, options } = field(4, 4);
  await race(runners, options);
  expect(calls.slice(-10)).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
});

test('a repetition lasts as long as it must', async () => {
  const { runners, calls, options } = field(0.1);
  await race(runners, { ...options, rounds: 1 });
  const warm = calls.length;
  const again = field(0.1);
  await race(again.runners, { ...options, clock: again.options.clock, rounds: 2 });
  expect(again.calls.length - warm).toBeGreaterThanOrEqual(20);
});

test('who tries patience is repeated thrice, and who exhausts it, never', async () => {
  const { runners, options } = field(60, 300, 1);
  const times = await race(runners, options);
  expect(times.map((t) => t.length)).toEqual([3, 1, 5]);
});

test('a runner that waits is awaited before the next', async () => {
  const { runners, calls, options } = field(4, 4);
  const [first, second] = runners;
  const slow = {
    waits: true,
    run: async () => {
      await Promise.resolve();
      first!.run();
    },
  };
  await race([slow, second!], options);
  expect(calls.slice(-4)).toEqual([0, 1, 0, 1]);
});

test('what calls send to a device is waited for once a repetition, inside its time', async () => {
  const { options } = field();
  let [time, sent, most] = [0, 0, 0];
  const clock = { name: 'wall' as const, now: () => time };
  const device = {
    run: () => void (most = Math.max(most, ++sent)),
    settle: async () => {
      await Promise.resolve();
      time += sent;
      sent = 0;
    },
  };
  const [times] = await race([device], { ...options, clock });
  expect(times).toEqual([1, 1, 1, 1, 1]);
  expect(most).toBeGreaterThan(1);
});

test('rounds end when time is up, and every runner has three', async () => {
  const { runners, options } = field(4, 4);
  const times = await race(runners, { ...options, until: Date.now() - 1 });
  expect(times.map((t) => t.length)).toEqual([3, 3]);
});
