// The report as text: a heading with the machine, a table a race, and what was absent with its reason.
import Table from 'cli-table3';
import colors from 'picocolors';
import type { Report, Row } from '../report.js';
import { absentLines } from './absent.js';
import { grid, races } from './cells.js';
import { disturbance, machineLine } from './reading.js';

/** The whole report. */
export function printReport(report: Report): string {
  const absent = absentLines(report.absent);
  return [
    [machineLine(report), disturbance(report)].filter(Boolean).join('\n'),
    ...[...races(report.rows)].map(([title, rows]) => `${colors.bold(title)}\n${table(rows)}`),
    absent.length > 0 ? `${colors.bold('absent, or wrong')}\n  ${absent.join('\n  ')}` : '',
    legend,
  ]
    .filter(Boolean)
    .join('\n\n');
}

const legend =
  'ms: best (median). eff: GFLOP/s as if dense; stored: of stored entries; roofline: share of what multiply-adds and loads allow.\n' +
  '× dense, × peer: median over rounds of how many times faster than our dense product, than the fastest float32 peer.';

const edges = ['top', 'bottom', 'left', 'right', 'mid'] as const;
const noLines = Object.fromEntries(
  edges.flatMap((edge) =>
    [edge, `${edge}-mid`, `${edge}-left`, `${edge}-right`].map((name) => [name, '']),
  ),
);

function table(rows: readonly Row[]): string {
  const { head, numeric, lines } = grid(rows);
  const made = new Table({
    head: [...head],
    style: { head: [], border: [], compact: true },
    chars: { ...noLines, middle: ' ' },
    colAligns: numeric.map((is) => (is ? 'right' : 'left')),
  });
  made.push(...lines.map((line) => [...line]));
  return made.toString();
}
