// Rows as tables of text: the same columns in the terminal, on the page and in the documentation.
import type { Row } from '../report.js';

/** A table: a heading for each column, and lines. */
export interface Grid {
  readonly head: readonly string[];
  /** Columns of numbers stand at the right. */
  readonly numeric: readonly boolean[];
  readonly lines: readonly (readonly string[])[];
}

/** The rows of one race. */
export function grid(rows: readonly Row[]): Grid {
  const columns = columnsOf(rows);
  return {
    head: columns.map((c) => c.head),
    numeric: columns.map((c) => c.numeric),
    lines: rows.map((row) => columns.map((c) => c.text(row))),
  };
}

interface Column {
  readonly head: string;
  readonly numeric: boolean;
  readonly text: (row: Row) => string;
}

const number = (head: string, text: (row: Row) => string): Column => ({
  head,
  numeric: true,
  text,
});
const word = (head: string, text: (row: Row) => string): Column => ({ head, numeric: false, text });

function columnsOf(rows: readonly Row[]): Column[] {
  const rates = rows.some((row) => row.gflopsEffective > 0 && !row.extra);
  return [
    word('contender', (row) => row.contender),
    word('layout', (row) => row.layout),
    ...(rows.some((row) => row.kernel) ? [word('kernel', (row) => row.kernel ?? '')] : []),
    number('zeros', (row) => percent(row.sparsity)),
    number(
      'ms',
      ({ ms, rounds }) =>
        `${short(ms.best)} (${short(ms.median)})${rounds === undefined ? '' : ` of ${rounds}`}`,
    ),
    ...(rates
      ? [
          number('eff', (row) => row.gflopsEffective.toFixed(1)),
          number('stored', (row) => row.gflopsStored.toFixed(1)),
          number('roofline', (row) => (row.ofRoofline === null ? '' : percent(row.ofRoofline))),
        ]
      : []),
    ...(rows.some((row) => row.vsOwnDense !== null)
      ? [
          number('× dense', (row) => row.vsOwnDense?.toFixed(2) ?? ''),
          number('× peer', (row) =>
            row.vsBestPeer === null ? '' : `${row.vsBestPeer.toFixed(2)} ${row.bestPeer}`,
          ),
        ]
      : []),
    ...(rows.some((row) => row.extra) ? [word('what else', others)] : []),
  ];
}

function others({ extra = {} }: Row): string {
  return Object.entries(extra)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? short(value) : value}`)
    .join(', ');
}

const percent = (share: number): string =>
  `${(100 * share).toFixed(share > 0.99 && share < 1 ? 1 : 0)} %`;

/** Three digits. */
export function short(value: number): string {
  if (value === 0) return '0';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
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

/** Rows by race: suite and shape; suites whose every row has its own shape stay whole. */
export function races(rows: readonly Row[]): Map<string, Row[]> {
  return groupBy(rows, ({ suite, shape }) =>
    suite === 'growth' || suite === 'network' || suite === 'startup'
      ? suite
      : `${suite} ${shape.join('×')}`,
  );
}
