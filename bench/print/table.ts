// The report as text: a heading with the machine, a table a race, and what was absent with its reason.
import Table from 'cli-table3';
import colors from 'picocolors';
import type { Absent, Report, Row } from '../report.js';

/** The whole report. */
export function printReport(report: Report): string {
  const races = groupBy(report.rows, (row) => `${row.suite} ${row.shape.join('×')}`);
  return [
    heading(report),
    ...[...races].map(([title, rows]) => `${colors.bold(title)}\n${table(rows)}`),
    absentList(report.absent),
    legend,
  ]
    .filter(Boolean)
    .join('\n\n');
}

function heading({ machine, engine, clock, load, peakGflops, loadGBs, date }: Report): string {
  return [
    `${colors.bold(machine)}, ${engine}, ${date}`,
    `measured here: ${peakGflops.toFixed(1)} GFLOP/s of multiply-adds, ${loadGBs.toFixed(0)} GB/s of loads from L1; ${clock} clock; load average ${load.join(' to ')}`,
  ].join('\n');
}

const legend =
  'ms: best (median). eff: GFLOP/s as if dense; stored: of stored entries. roofline: share of what multiply-adds and loads allow.\n' +
  '× dense, × peer: median over rounds of how many times faster than our dense product, than the fastest float32 peer.';

function table(rows: readonly Row[]): string {
  const other = rows.some((row) => row.gflopsEffective === 0 || row.extra);
  const made = new Table({
    head: [
      'contender',
      'layout',
      'kernel',
      'zeros',
      'ms',
      ...(other ? ['what else'] : ['eff', 'stored', 'roofline']),
      '× dense',
      '× peer',
    ],
    style: { head: [], border: [], compact: true },
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: ' ',
    },
    colAligns: [
      'left',
      'left',
      'left',
      'right',
      'right',
      ...(other ? (['left'] as const) : (['right', 'right', 'right'] as const)),
      'right',
      'right',
    ],
  });
  for (const row of rows) made.push(cells(row, other));
  return made.toString();
}

function cells(row: Row, other: boolean): string[] {
  const {
    contender,
    layout,
    kernel = '',
    sparsity,
    ms,
    gflopsEffective,
    gflopsStored,
    ofRoofline,
    vsOwnDense,
    vsBestPeer,
    bestPeer,
    rounds,
    extra,
  } = row;
  const rates = [
    gflopsEffective.toFixed(1),
    gflopsStored.toFixed(1),
    ofRoofline === null ? '' : percent(ofRoofline),
  ];
  const more = Object.entries(extra ?? {}).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? short(value) : value}`,
  );
  return [
    contender,
    layout,
    kernel,
    percent(sparsity),
    `${short(ms.best)} (${short(ms.median)})${rounds === undefined ? '' : ` of ${rounds}`}`,
    ...(other ? [more.join(', ')] : rates),
    vsOwnDense === null ? '' : vsOwnDense.toFixed(2),
    vsBestPeer === null ? '' : `${vsBestPeer.toFixed(2)} ${bestPeer}`,
  ];
}

const percent = (share: number): string =>
  `${(100 * share).toFixed(share > 0.99 && share < 1 ? 1 : 0)} %`;

/** Three digits. */
export function short(value: number): string {
  if (value === 0) return '0';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** One line a reason, with all that it is true of. */
function absentList(absent: readonly Absent[]): string {
  const reasons = groupBy(
    absent,
    ({ contender, layout, why }) =>
      `${contender}${layout && layout !== 'dense' ? ` ${layout}` : ''}: ${why}`,
  );
  const lines = [...reasons].map(
    ([line, of]) =>
      `  ${line} (${[...new Set(of.map((a) => a.suite))].join(', ')}${of.length > 1 ? `, ${of.length} races` : ''})`,
  );
  return lines.length > 0
    ? `${colors.bold('absent, or not as the reference says')}\n${lines.join('\n')}`
    : '';
}

/** Items by a key, in the order in which keys come first. Node 20 has no Map.groupBy. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
