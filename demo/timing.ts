// All contenders in one process, taking turns; the clock is the CPU's, so that other work on the machine
// counts for nobody. The ratio of two contenders is the median over rounds, in which both met the same machine.
import type { Contender, Numbers } from './contenders/contender.js';

/** Milliseconds of a run, by round. */
export interface Timing {
  readonly name: string;
  readonly best: number;
  readonly median: number;
  readonly rounds: readonly number[];
}

const cpuMs = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[half] ?? NaN)
    : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2;
}

/** Times contenders in turns for about `seconds`, at least 11 rounds, each long enough to be measured. */
export async function time(
  contenders: readonly Contender[],
  inputs: Numbers,
  seconds: number,
  onRound: (done: number, of: number) => void,
): Promise<Timing[]> {
  const repeats: number[] = [];
  let round = 0;
  for (const contender of contenders) {
    for (let i = 0; i < 5; i++) await contender.run(inputs); // engines compile their hot code meanwhile
    const start = process.cpuUsage();
    for (let i = 0; i < 3; i++) await contender.run(inputs);
    const ms = cpuMs(start) / 3;
    repeats.push(Math.max(1, Math.ceil(4 / ms)));
    round += ms * (repeats.at(-1) ?? 1);
  }
  const rounds = Math.max(11, Math.min(101, Math.floor((1000 * seconds) / round)));
  const times = contenders.map((): number[] => []);
  for (let r = 0; r < rounds; r++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const at = (turn + r) % contenders.length; // nobody always comes after the same other
      const contender = contenders[at];
      const count = repeats[at] ?? 1;
      const start = process.cpuUsage();
      for (let i = 0; i < count; i++) await contender?.run(inputs);
      times[at]?.push(cpuMs(start) / count);
    }
    onRound(r + 1, rounds);
  }
  return contenders.map(({ name }, at) => {
    const all = times[at] ?? [];
    return { name, best: Math.min(...all), median: median(all), rounds: all };
  });
}

/** How many times as fast as `base`: the median of the ratios of each round. */
export function speedup(base: Timing | undefined, { rounds }: Timing): number | null {
  return base ? median(rounds.map((ms, r) => (base.rounds[r] ?? NaN) / ms)) : null;
}
