// One line a race while it runs, on the error stream, so that the output holds the report alone.
import type { Outcome } from '../field.js';

/** Says what came of a race. */
export function progress(suite: string, { rows = [], absent = [] }: Partial<Outcome>): void {
  const [row] = rows;
  const shape = row ? ` ${row.shape.join('×')}` : '';
  process.stderr.write(`${suite}${shape}: ${rows.length} timed, ${absent.length} absent\n`);
}
