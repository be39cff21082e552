// Where we lose: to our own dense product, to a float32 peer, or to 8-bit integers. The page shows these
// before anything that flatters.
import type { Report, Row } from '../report.js';
import { groupBy } from './cells.js';

/** A sentence for each layout and suite that loses somewhere. */
export function losses({ rows }: Report): string[] {
  const plans = rows.filter((row) => row.contender === 'lacuna plan');
  return [...toDense(plans), ...toPeers(plans), ...toInt8(rows)];
}

function toDense(plans: readonly Row[]): string[] {
  const lost = plans.filter(
    (row) => row.vsOwnDense !== null && row.vsOwnDense < 0.98 && row.layout !== 'dense',
  );
  return byLayout(lost).map(
    ([layout, of]) =>
      `${layout} is slower than our dense product (${worst(of, 'vsOwnDense')}) ${places(of)}`,
  );
}

function toPeers(plans: readonly Row[]): string[] {
  const lost = plans.filter((row) => row.vsBestPeer !== null && row.vsBestPeer < 0.98);
  return byLayout(lost).map(
    ([layout, of]) =>
      `${layout} is slower than ${[...new Set(of.map((r) => r.bestPeer))].join(' or ')} (${worst(of, 'vsBestPeer')}) ${places(of)}`,
  );
}

/** Dense 8-bit products beat float32 sparsity that is not high enough. */
function toInt8(rows: readonly Row[]): string[] {
  const int8 = new Map(
    rows
      .filter((r) => r.contender.endsWith('int8'))
      .map((r) => [`${r.suite} ${r.shape.join()}`, r]),
  );
  const lost = rows.filter((row) => {
    const rival = int8.get(`${row.suite} ${row.shape.join()}`);
    return row.contender === 'lacuna plan' && rival && rival.ms.median < row.ms.median;
  });
  const groups = groupBy(
    lost,
    (row) => `${row.layout} at ${Math.round(100 * row.sparsity)} % zeros`,
  );
  return [...groups].map(
    ([layout, of]) => `${layout} in float32 is slower than onnxruntime-web in 8 bits ${places(of)}`,
  );
}

const byLayout = (rows: readonly Row[]): [string, Row[]][] => [
  ...groupBy(rows, (row) =>
    row.layout === 'dense' ? 'dense' : `${row.layout} at ${Math.round(100 * row.sparsity)} % zeros`,
  ),
];

const worst = (rows: readonly Row[], by: 'vsOwnDense' | 'vsBestPeer'): string =>
  `${Math.min(...rows.map((row) => row[by]!)).toFixed(2)}× at worst`;

function places(rows: readonly Row[]): string {
  const shapes = [...new Set(rows.map((row) => row.shape.join('×')))];
  return shapes.length > 4
    ? `for ${shapes.length} of the shapes, such as ${shapes.slice(0, 3).join(', ')}`
    : `for ${shapes.join(', ')}`;
}
