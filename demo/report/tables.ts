// The two tables of the demo.
import Table from 'cli-table3';
import colours from 'picocolors';
import type { LayerRow } from '../contenders/lacuna.js';

/** One contender's results. */
export interface Run {
  readonly name: string;
  readonly ms: { readonly best: number; readonly median: number };
  /** How many times as fast as tfjs-wasm; null where tfjs could not run. */
  readonly ratioToTfjs: number | null;
  readonly weightBytes: number;
  /** The largest difference of an output from tfjs's; null where tfjs could not run. */
  readonly maxAbsDiff: number | null;
}

const plain = { head: [], border: [] };
const right = (count: number): ('left' | 'right')[] => [
  'left',
  ...Array<'right'>(count).fill('right'),
];

/** `1,234,567` */
export const whole = (x: number): string => x.toLocaleString('en');

const times = (x: number | null): string => (x === null ? '–' : `${x.toFixed(2)}×`);

export function runsTable(runs: readonly Run[], golden: readonly (number | undefined)[]): string {
  const known = golden.some((diff) => diff !== undefined);
  const dense = runs[0]?.weightBytes ?? 1;
  const table = new Table({
    head: [
      '',
      'median ms',
      'best ms',
      'speed, tfjs = 1',
      'weights, bytes',
      'of dense',
      '|diff| to tfjs',
      ...(known ? ['|diff| to golden'] : []),
    ].map((text) => colours.bold(text)),
    colAligns: right(7),
    style: plain,
  });
  runs.forEach(({ name, ms, ratioToTfjs, weightBytes, maxAbsDiff }, at) => {
    table.push([
      name,
      ms.median.toFixed(2),
      ms.best.toFixed(2),
      at > 0 && (ratioToTfjs ?? 0) > 1 ? colours.green(times(ratioToTfjs)) : times(ratioToTfjs),
      whole(weightBytes),
      `${(weightBytes / dense).toFixed(2)}×`,
      maxAbsDiff?.toExponential(1) ?? '–',
      ...(known ? [golden[at]?.toExponential(1) ?? '–'] : []),
    ]);
  });
  return table.toString();
}

export function layersTable(layers: readonly LayerRow[]): string {
  const table = new Table({
    head: ['op', 'output', 'weights', 'zeros', 'layout', 'stored', 'ms'].map((text) =>
      colours.bold(text),
    ),
    colAligns: ['left', 'left', 'left', 'right', 'left', 'right', 'right'],
    style: { ...plain, compact: true },
  });
  for (const { op, shape, weight, sparsity, layout, stored, ms } of layers)
    table.push([
      op,
      shape.join(' × '),
      weight?.join(' × ') ?? '',
      sparsity === undefined ? '' : `${(100 * sparsity).toFixed(1)} %`,
      layout ?? '',
      stored === undefined ? '' : whole(stored),
      ms?.toFixed(3) ?? '',
    ]);
  return table.toString();
}
