// Who did not take part, and why: one line a reason, with the suites that it is true of.
import type { Absent } from '../report.js';
import { groupBy } from './cells.js';

/** Lines, most frequent reason first. */
export function absentLines(absent: readonly Absent[]): string[] {
  const kinds = groupBy(absent, ({ contender, why }) => `${contender}: ${kind(why)}`);
  return [...kinds.values()]
    .sort((a, b) => b.length - a.length)
    .map((of) => {
      const { contender, why, layout } = of[0]!;
      const what =
        new Set(of.map((a) => a.layout ?? '')).size === 1 && layout && layout !== 'dense'
          ? ` ${layout}`
          : '';
      const where = [...new Set(of.map((a) => a.suite))].join(', ');
      return `${contender}${what}: ${why}${of.length > 1 ? ` (${of.length} times: ${where})` : ` (${where})`}`;
    });
}

/** Reasons that differ in numbers only are of one kind. */
const kind = (why: string): string =>
  why.startsWith('wrong') ? why : why.replaceAll(/[\d.e-]+/g, '#');
