// One line a race while it runs, on the error stream, so that the output holds the report alone.
import type { Outcome } from '../field.js';

/** What came of a race, in a line. */
export function progressLine(
  suite: string,
  { rows = [], absent = [] }: Partial<Outcome>,
  suites: readonly string[],
): string {
  const [row] = rows;
  const seconds = (performance.now() / 1000).toFixed(0).padStart(4);
  const shape = row ? ` ${row.shape.join('×')}` : '';
  const at = `${suites.indexOf(suite) + 1}/${suites.length}`;
  return `${seconds} s  ${at} ${suite}${shape}: ${rows.length} timed, ${absent.length} absent`;
}
