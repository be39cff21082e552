// All contenders of a race take turns in rounds, so that each meets the same machine. Before, each is called
// until engines have compiled it for good; a call is repeated until a repetition is long enough to time.
//
//   warm A, warm B, warm C | A B C | A B C | A B C | ...     11 rounds of at least 2 ms each
import type { Clock } from './clock.js';

/** What can be timed: a call, or one that must be awaited. */
export interface Runner {
  readonly run: () => unknown;
  /** `run` returns a promise that is to be awaited. */
  readonly waits?: boolean;
  /** Waits until what the calls of a repetition sent to a device is done; a part of the repetition. */
  readonly settle?: () => Promise<unknown>;
}

/** What {@link race} is told. */
export interface RaceOptions {
  readonly clock: Clock;
  readonly rounds: number;
  /** Least milliseconds of a repetition. */
  readonly least: number;
  /** Milliseconds of calls before timing. */
  readonly warm: number;
  /** A call that takes longer is repeated three times only; one of five times that, never. */
  readonly patience: number;
  /** When rounds end although some are left, in milliseconds since 1970: never before each runner has three. */
  readonly until?: number;
}

/** Rounds of what takes long. */
const few = 3;

/** Milliseconds a call of each runner, one number a round. */
export async function race(
  runners: readonly Runner[],
  options: RaceOptions,
): Promise<readonly (readonly number[])[]> {
  const { clock, rounds, until } = options;
  const lanes: Lane[] = [];
  for (const runner of runners) lanes.push(await warmUp(runner, options));
  for (let round = 0; round < rounds; round++) {
    if (round >= few && until !== undefined && Date.now() > until) break;
    for (const lane of lanes) {
      if (round >= lane.rounds) continue;
      const start = clock.now();
      await calls(lane.runner, lane.calls);
      lane.times.push((clock.now() - start) / lane.calls);
    }
  }
  return lanes.map((lane) => lane.times);
}

interface Lane {
  readonly runner: Runner;
  readonly calls: number;
  readonly rounds: number;
  readonly times: number[];
}

async function warmUp(
  runner: Runner,
  { clock, rounds, least, warm, patience, until = Infinity }: RaceOptions,
): Promise<Lane> {
  const begin = clock.now();
  await calls(runner, 1);
  const first = clock.now() - begin;
  if (first > 5 * patience) return { runner, calls: 1, rounds: 0, times: [first] };
  if (first > patience || Date.now() > until) return { runner, calls: 1, rounds: few, times: [] };
  let [done, last] = [0, first];
  const start = clock.now();
  // Optimised code is put in place from the event loop's turns too.
  for (let turn = 0; done < 2 || clock.now() - start < warm; turn++) {
    const batch = Math.max(1, Math.min(1000, Math.floor(1 / Math.max(last, 1e-3))));
    const from = clock.now();
    await calls(runner, batch);
    last = (clock.now() - from) / batch;
    done += batch;
    if (turn % 16 === 0) await new Promise((next) => setTimeout(next, 0));
  }
  return { runner, calls: Math.max(1, Math.ceil((least * 1.2) / last)), rounds, times: [] };
}

async function calls({ run, waits, settle }: Runner, count: number): Promise<void> {
  if (waits) for (let call = 0; call < count; call++) await run();
  else for (let call = 0; call < count; call++) run();
  await settle?.();
}
