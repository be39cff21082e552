// Where we lose: to our own dense product, to the fastest float32 peer, or to 8-bit integers. A line a layout,
// with how far behind it is at worst and for which N. The page shows these before it shows tables.
import type { Report, Row } from '../report.js';
import { groupBy, type Grid } from './cells.js';

/** Layouts that lose somewhere; no lines where there are none. */
export function losses({ rows }: Report): Grid {
  const rivals = new Map(
    rows.filter((row) => row.contender.endsWith('int8')).map((row) => [raceOf(row), row]),
  );
  const plans = rows.filter((row) => row.contender === 'lacuna plan' && row.vsOwnDense !== null);
  const layouts = groupBy(plans, (row) => `${row.layout} ${row.sparsity}`);
  const lines = [...layouts.values()].map((of) => [
    of[0]!.layout,
    `${Math.round(100 * of[0]!.sparsity)} %`,
    behind(of, (row) => (row.layout === 'dense' ? null : row.vsOwnDense)),
    behind(of, (row) => row.vsBestPeer),
    behind(of, (row) => {
      const rival = rivals.get(raceOf(row));
      return rival ? rival.ms.median / row.ms.median : null;
    }),
  ]);
  return {
    head: [
      'layout',
      'zeros',
      'of our dense product',
      'of the best float32 peer',
      'of ONNX Runtime in 8 bits',
    ],
    numeric: [false, true, false, false, false],
    lines: lines.filter((line) => line.slice(2).some(Boolean)),
  };
}

const raceOf = ({ suite, shape }: Row): string => `${suite} ${shape.join()}`;

/** `0.26× at worst, N = 1, 8`: how fast we are beside what we lose to. Within 2 % is no loss. */
function behind(rows: readonly Row[], ratio: (row: Row) => number | null): string {
  const lost = rows.filter((row) => (ratio(row) ?? 1) < 0.98);
  if (lost.length === 0) return '';
  const worst = Math.min(...lost.map((row) => ratio(row)!));
  const n = [...new Set(lost.map((row) => row.shape[2]))].sort((a, b) => a - b);
  return `${worst.toFixed(2)}×${lost.length > 1 ? ' at worst' : ''}, N = ${n.join(', ')}`;
}
