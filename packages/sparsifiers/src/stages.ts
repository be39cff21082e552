// A schedule in stages: a list of steps, and what holds from each on, until the next.
//
//     stepwise(10: 0.5, 20: 0.9)          fractions
//     stepwise(0: 1:2, 100: 1:4)          n:m, whose blocks may grow        (SdGf, Bambhaniya et al., 2024)
import { printCall, SparseError, withBackward, type Sparsifier } from '@lacuna/ir';
import { checkFraction, checkWhole } from './check.js';
import { parseSparsifier } from './parse.js';
import { refuseBackwards, type Schedule } from './schedule.js';

/** n:m, as it is spoken of. */
export type Ratio = `${number}:${number}`;

/** The step at which a stage begins, and what holds from there on: the fraction to drop, or n:m. */
export type Stage<T = number | Ratio> = readonly [step: number, is: T];

/**
 * A list of stages in order: from each step on, that fraction is dropped, or n of every m stay. Stages of n:m are for
 * sparsifiers that have an n and an m; before the first of them everything stays.
 *
 * @throws SparseError `unsupported` where it goes backwards, and for fractions beside n:m.
 * @example
 * ```ts
 * import { nmMagnitude, stepwise } from '@lacuna/sparsifiers';
 * stepwise([[10, 0.5], [20, 0.9]]).at(15); // 0.5
 * stepwise([[10, 0.9], [20, 0.5]]); // throws unsupported: the schedule stepwise goes backwards, …
 * const blocks = stepwise([[0, '1:2'], [100, '1:4']]);
 * blocks.at(100); // 0.75
 * blocks.sparsifierAt!(nmMagnitude({ n: 1, m: 2 }), 100).print(); // 'nmMagnitude(n=1, m=4, along=1)'
 * ```
 */
export function stepwise(stages: readonly Stage[]): Schedule {
  const ratios = stages.filter((stage): stage is Stage<Ratio> => typeof stage[1] === 'string');
  if (ratios.length > 0 && ratios.length < stages.length)
    throw new SparseError('unsupported', 'the schedule stepwise has fractions beside n:m', {
      hint: 'write all stages as fractions to drop, or all as n:m',
    });
  const fractions = stages.map(([step, is]): Stage<number> => {
    checkWhole('stepwise', { step }, 0);
    return [step, typeof is === 'string' ? droppedBy(is) : is];
  });
  fractions.forEach(([step, fraction], k) => {
    checkFraction('stepwise', fraction);
    const before = fractions[k - 1];
    if (before && (step <= before[0] || fraction < before[1]))
      refuseBackwards('stepwise', `from ${stages[k - 1]!.join(': ')} to ${stages[k]!.join(': ')}`);
  });
  const at = (step: number): number => stageAt(fractions, step) ?? 0;
  const print = (): string => `stepwise(${stages.map((stage) => stage.join(': ')).join(', ')})`;
  const end = stages.at(-1)?.[0] ?? 0;
  if (ratios.length === 0) return Object.freeze({ at, end, print });
  const sparsifierAt = (how: Sparsifier, step: number): Sparsifier => {
    const [n, m] = numbersOf(stageAt(ratios, step) ?? '1:1');
    return withRatio(how, n, m);
  };
  return Object.freeze({ at, end, print, sparsifierAt });
}

const stageAt = <T>(stages: readonly Stage<T>[], step: number): T | undefined =>
  stages.findLast(([from]) => from <= step)?.[1];

/** n and m of `n:m`. Throws `unsupported` for what is none. */
function numbersOf(ratio: string): readonly [n: number, m: number] {
  const [n = 0, m = 0] = ratio.split(':').map(Number);
  if (Number.isInteger(n) && Number.isInteger(m) && n >= 1 && n <= m) return [n, m];
  throw new SparseError('unsupported', `the schedule stepwise has "${ratio}", which is no n:m`, {
    hint: 'write how many stay, a colon, of how many, such as 1:4',
  });
}

function droppedBy(ratio: Ratio): number {
  const [n, m] = numbersOf(ratio);
  return 1 - n / m;
}

/** The same sparsifier with another n:m, and what flows back as it was. */
function withRatio(how: Sparsifier, n: number, m: number): Sparsifier {
  const { name, params, backward } = how;
  if (typeof params['n'] !== 'number' || typeof params['m'] !== 'number')
    throw new SparseError('unsupported', `${how.print()} has no n:m for a schedule to set`, {
      hint: 'write a sparsifier that has, such as nmMagnitude(n=1, m=2), or stages as fractions',
    });
  const made = parseSparsifier(printCall(name, { ...params, n, m }));
  return backward ? withBackward(made, backward) : made;
}
