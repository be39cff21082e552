// How many numbers stay, of how many: a fraction dropped or a count kept, over the tensor, or over each of
// its rows, columns or groups of neighbours.
//
//     per      tensor      row         column      group, size 2
//              0 0 0 0     0 0 0 0     0 1 2 3     0 0 1 1
//              0 0 0 0     1 1 1 1     0 1 2 3     2 2 3 3
import { SparseError, sizeOf, type Numbers, type Runs, type Shape } from '@lacuna/ir';
import { checkFraction, checkWhole } from './check.js';
import { dropCount, keepGreatest } from './rank.js';
import { rowLength } from './rows.js';

/** What numbers are compared with each other. */
export interface Within {
  /** All numbers (the default), or those of each row, each column, or each `group` neighbours of a row. */
  readonly per?: 'tensor' | 'row' | 'column' | 'group';
  /** Neighbours of a group. */
  readonly group?: number;
}

/** How many stay: exactly one of the two is given. */
export interface Budget extends Within {
  /** The share to drop, 0..1. */
  readonly fraction?: number;
  /** How many to keep of each tensor, row, column or group. */
  readonly count?: number;
}

/** Refuses a budget that says nothing, or two things; gives the parameters to print. */
export function checkBudget(name: string, budget: Budget): Record<string, number | string> {
  const { fraction, count, per = 'tensor', group } = budget;
  if ((fraction === undefined) === (count === undefined))
    throw new SparseError(
      'unsupported',
      `${name} was given ${fraction === undefined ? 'neither fraction nor count' : 'both fraction and count'}`,
      {
        hint: 'write the fraction to drop, such as { fraction: 0.9 }, or the count to keep',
      },
    );
  if (fraction !== undefined) checkFraction(name, fraction);
  if (count !== undefined) checkWhole(name, { count }, 0);
  if (per === 'group') checkWhole(name, { group: group ?? 0 }, 1);
  return {
    ...(fraction === undefined ? { count: count! } : { fraction }),
    ...(per !== 'tensor' && { per }),
    ...(per === 'group' && { group: group! }),
  };
}

/** Marks the greatest sizes within a budget; equal ones are dropped from the left. No size is NaN. */
export function keepBudget(sizes: Numbers, shape: Shape, budget: Budget): Uint8Array {
  const kept = new Uint8Array(sizes.length);
  eachRun(shape, budget, (begin, run, stride) => {
    const drop = dropped(budget, run);
    if (stride === 1) return keepGreatest(sizes, begin, begin + run, drop, kept);
    const column = new Float64Array(run);
    for (let at = 0; at < run; at++) column[at] = sizes[begin + at * stride]!;
    const mine = new Uint8Array(run);
    keepGreatest(column, 0, run, drop, mine);
    for (let at = 0; at < run; at++) kept[begin + at * stride] = mine[at]!;
  });
  return kept;
}

/** How many a budget drops of a run of numbers. */
export function dropped({ fraction, count }: Budget, run: number): number {
  return fraction === undefined ? Math.max(0, run - count!) : dropCount(fraction, run);
}

/** How many a budget keeps of a shape. */
export function countBudget(shape: Shape, budget: Budget): number {
  let total = 0;
  eachRun(shape, budget, (_, run) => {
    total += run - dropped(budget, run);
  });
  return total;
}

/** What is compared with each other, as a rule says it. */
export function runsOf({ per = 'tensor', group }: Within): Runs {
  switch (per) {
    case 'tensor':
      return per;
    case 'column':
      return 'columns';
    case 'row':
      return { along: -1 };
    case 'group':
      return { along: -1, size: group! };
    default:
      return per satisfies never;
  }
}

/** The runs of numbers that are compared with each other: where each begins, how many, how far apart. */
export function eachRun(
  shape: Shape,
  { per = 'tensor', group = 1 }: Within,
  visit: (begin: number, run: number, stride: number) => void,
): void {
  const size = sizeOf(shape);
  if (size === 0) return;
  const row = rowLength(shape);
  switch (per) {
    case 'tensor':
      return visit(0, size, 1);
    case 'row':
      for (let begin = 0; begin < size; begin += row) visit(begin, row, 1);
      return;
    case 'column':
      for (let begin = 0; begin < row; begin++) visit(begin, size / row, row);
      return;
    case 'group':
      for (let begin = 0; begin < size; begin += row)
        for (let at = 0; at < row; at += group) visit(begin + at, Math.min(group, row - at), 1);
      return;
    default:
      per satisfies never;
  }
}
