// Speed-up over sparsity, for one shape. Both axes are logarithmic, sparsity by how much is left: a kernel
// that gains all that its zeros promise runs along the dashed diagonal.
import type { Report, Row, Shape } from '../report.js';
import { chart, type Series } from './svg.js';
import { groupBy } from './cells.js';

const colors = [
  '#0b6fb8',
  '#d1495b',
  '#2a9d62',
  '#8a5cd1',
  '#c77d0a',
  '#0e8f8f',
  '#b0307f',
  '#6b6b6b',
];

/** Families that are drawn, by layout. */
const families: readonly (readonly [name: string, belongs: RegExp])[] = [
  ['csr', /^csr$/],
  ['bcsr(2,1)', /^bcsr\(2,1\)/],
  ['bcsr(4,1)', /^bcsr\(4,1\)/],
  ['bcsr(16,1)', /^bcsr\(16,1\)/],
  ['nmg(2,m,8)', /^nmg\(2,\d+,8\)/],
  ['nmg(1,m,g)', /^nmg\(1,\d+,(8|16)\)/],
  ['nm(n,4)', /^nm\(\d,4\)$/],
];

/** The chart of a shape, or undefined where there is nothing to draw. */
export function speedUpChart(
  { rows }: Pick<Report, 'rows'>,
  shape: Shape,
  title = `Y = W [${shape[0]}, ${shape[1]}] · X [${shape[1]}, ${shape[2]}]: times faster than our dense product`,
): string | undefined {
  const here = rows.filter((row) => row.shape.join() === shape.join() && row.vsOwnDense !== null);
  const ours = here.filter((row) => row.contender === 'lacuna plan');
  const lines: Series[] = families.flatMap(([name, belongs], at) =>
    series(
      name,
      colors[at % colors.length]!,
      ours.filter((row) => belongs.test(row.layout)),
    ),
  );
  if (lines.length === 0) return undefined;
  const peers = groupBy(
    here.filter((row) => !row.contender.startsWith('lacuna')),
    (row) => row.contender,
  );
  const flat = [...peers].flatMap(([name, of]) => peerSeries(name, of));
  return chart(
    {
      title,
      width: 640,
      height: 400,
      x: {
        label: 'share of zeros',
        from: 1.8,
        to: 22,
        ticks: [
          [2, '50 %'],
          [4, '75 %'],
          [8, '87.5 %'],
          [10, '90 %'],
          [20, '95 %'],
        ],
      },
      y: {
        label: 'times own dense',
        from: 0.125,
        to: 32,
        ticks: [0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32].map((v) => [v, `${v}×`] as const),
      },
    },
    [
      {
        name: 'all of its zeros',
        color: '#999',
        style: 'dashed',
        points: [
          [1.8, 1.8],
          [22, 22],
        ],
      },
      ...lines,
      ...flat,
    ],
  );
}

const left = (row: Row): number => 1 / Math.max(1e-9, 1 - row.sparsity);

function series(name: string, color: string, rows: readonly Row[]): Series[] {
  const known = new Map(
    rows.filter((row) => row.sparsity >= 0.4).map((row) => [left(row), row.vsOwnDense!]),
  );
  const points = [...known].sort(([a], [b]) => a - b);
  return points.length > 0
    ? [{ name, color, points, style: points.length > 1 ? 'line' : 'points' }]
    : [];
}

/** A peer that stores every weight is as fast at any sparsity; one that is far below is left to the table. */
function peerSeries(name: string, rows: readonly Row[]): Series[] {
  if (rows.some((row) => row.sparsity > 0))
    return rows.some((row) => row.vsOwnDense! > 0.125) ? series(name, '#333', rows) : [];
  const best = Math.max(...rows.map((row) => row.vsOwnDense!));
  return best > 0.125
    ? [
        {
          name,
          color: '#777',
          style: 'dashed',
          points: [
            [1.8, best],
            [22, best],
          ],
        },
      ]
    : [];
}
