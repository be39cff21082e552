// WebGPU's page: what cards would make of the products that were counted, an estimate each, beside its reasons.
import type { Report, Row, Shape } from '../report.js';
import { cards, type Card } from './cards.js';
import { groupBy, short, type Grid } from './cells.js';
import { estimate, type Estimate } from './estimate.js';
import { drawing, markdown } from './markdown.js';
import { speedUpChart } from './speedup.js';

/** Microseconds under which the start of a kernel is what takes the time. */
const start = 5;

/** The section of estimates, from a report whose rows were counted. */
export function estimated(report: Report): string[] {
  const counted = report.rows.filter((row) => row.counts?.bytesLoadedOfX !== undefined);
  const shapes = [...groupBy(counted, ({ shape }) => shape.join('×')).values()];
  return [
    '## Estimated: cards',
    '',
    'Counted on a software adapter with the variants that a card takes, by',
    '',
    '```sh',
    report.command,
    '```',
    '',
    'Cards, by what their makers say:',
    '',
    ...markdown(cardTable()),
    '',
    ...charts(counted, largest(shapes.map((rows) => rows[0]!.shape))),
    ...shapes.flatMap((rows) => ofShape(rows)),
  ];
}

const largest = (shapes: readonly Shape[]): Shape =>
  shapes.reduce((a, b) => (b[0] * b[1] * b[2] > a[0] * a[1] * a[2] ? b : a));

function cardTable(): Grid {
  return {
    head: ['card', 'float32', 'memory', 'multiply-adds a cycle', 'source'],
    numeric: [false, true, true, true, false],
    lines: cards.map((card) => [
      card.name,
      `${(card.gflops / 1000).toFixed(1)} TFLOP/s`,
      `${card.gbs} GB/s`,
      String(card.lanes),
      card.source,
    ]),
  };
}

/** Speed-ups over dense as estimated, a drawing a card. */
function charts(rows: readonly Row[], shape: Shape): string[] {
  return cards.flatMap((card) => {
    const known = rows.filter((row) => row.shape.join() === shape.join());
    const dense = denseOf(known, card);
    if (!dense) return [];
    const ratios = known.map((row) => ({
      ...row,
      vsOwnDense: dense.microseconds / estimate(row, card)!.microseconds,
    }));
    const title = `Estimated for ${card.name}, ${shape.join('×')}: times own dense`;
    const file = `webgpu-${card.name.toLowerCase().replaceAll(/\W+/g, '-')}.svg`;
    return drawing(file, title, speedUpChart({ rows: ratios }, shape, title));
  });
}

const denseOf = (rows: readonly Row[], card: Card): Estimate | undefined => {
  const dense = rows.find(({ layout }) => layout === 'dense');
  return dense && estimate(dense, card);
};

function ofShape(rows: readonly Row[]): string[] {
  const lines = rows.map((row) => [
    row.layout,
    `${Math.round(100 * row.sparsity)} %`,
    mega(row.counts!.bytesMoved),
    mega(row.counts!.bytesLoadedOfX!),
    (row.counts!.fmas / 1e6).toFixed(1),
    String(row.counts!.workgroups),
    ...cards.map((card) => cell(row, rows, card)),
  ]);
  const head = ['layout', 'zeros', 'MB moved', 'MB of x loaded', 'M multiply-adds', 'workgroups'];
  return [
    `### ${rows[0]!.shape.join('×')}, estimated`,
    '',
    ...markdown({
      head: [...head, ...cards.map(({ name }) => name)],
      numeric: [false, true, true, true, true, true, ...cards.map(() => false)],
      lines,
    }),
    '',
  ];
}

const mega = (bytes: number): string => short(bytes / 1e6);

/** `12 µs caches, 3.1×, 40 % filled`. */
function cell(row: Row, rows: readonly Row[], card: Card): string {
  const { microseconds, by, filled } = estimate(row, card)!;
  const dense = denseOf(rows, card);
  return [
    `${microseconds < start ? `<${start}` : short(microseconds)} µs ${by}`,
    ...(dense ? [`${(dense.microseconds / microseconds).toFixed(1)}×`] : []),
    ...(filled < 1 ? [`${Math.round(100 * filled)} % filled`] : []),
  ].join(', ');
}
