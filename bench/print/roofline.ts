// The roofline: what arithmetic and loads allow a kernel that does so many operations a byte, and where
// each contender of the report stands below it.
import { roofline, type Report, type Row } from '../report.js';
import { chart, type Series } from './svg.js';

const [least, most] = [0.25, 512];

/** Every contender by its operations a byte and its rate. */
export function rooflineChart({ rows, peakGflops, loadGBs, adapter }: Report): string {
  const ridge = peakGflops / loadGBs;
  const roof = [least, ridge, most].map((x) => [x, roofline(x, 1, peakGflops, loadGBs)] as const);
  const known = rows.filter(
    (row) => row.intensity !== undefined && row.ofRoofline !== null && row.gflopsStored > 0,
  );
  const of = (name: string, color: string, belongs: (row: Row) => boolean): Series => ({
    name,
    color,
    style: 'points',
    points: known.filter(belongs).map((row) => [row.intensity!, row.gflopsStored] as const),
  });
  const plan = (row: Row): boolean => row.contender === 'lacuna plan';
  const machine: Series = {
    name: 'the machine allows',
    color: '#999',
    style: 'dashed',
    points: roof,
  };
  return chart(
    {
      title: `Roofline: ${peakGflops.toFixed(0)} GFLOP/s of multiply-adds, ${loadGBs.toFixed(0)} GB/s of loads, ${adapter ? 'the adapter' : 'one core'}`,
      width: 640,
      height: 400,
      x: {
        label: 'operations a byte of weights, coordinates, input and output',
        from: least,
        to: most,
        ticks: [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map((v) => [v, `${v}`] as const),
      },
      y: {
        label: 'GFLOP/s of stored entries',
        from: 0.0625,
        to: 128,
        ticks: [0.0625, 0.25, 1, 4, 16, 64].map((v) => [v, `${v}`] as const),
      },
    },
    [
      machine,
      of('peers', '#aaa', (row) => !row.contender.startsWith('lacuna')),
      of('ours, dense', '#333', (row) => plan(row) && row.layout === 'dense'),
      of('ours, csr', '#0b6fb8', (row) => plan(row) && row.layout === 'csr'),
      of('ours, row groups', '#2a9d62', (row) => plan(row) && row.layout.startsWith('bcsr')),
      of('ours, n:m:g', '#c77d0a', (row) => plan(row) && row.layout.startsWith('nm')),
    ].filter((s) => s.points.length > 0),
  );
}
