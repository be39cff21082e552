// Is it right? Outputs of two contenders differ by roundings only: at most one unit roundoff of the largest
// value (or of 1, for outputs that are shares) for each op on the way: depth · u · max. Where a network
// enlarges roundings beyond that, both are held against our references in double precision; ours may then be
// as far off as the peer, give or take a factor of 4.
import { existsSync, readFileSync } from 'node:fs';
import type { Graph } from '@lacuna/lacuna';
import type { Numbers } from './contenders/contender.js';

export interface Difference {
  /** The largest |a − b|, the output it is in, and the largest |b| there. */
  readonly abs: number;
  readonly output: string;
  readonly largest: number;
  /** Whether every output is within depth · u · max. */
  readonly within: boolean;
}

/** How far outputs are from those wanted. */
export function difference(graph: Graph, ours: Numbers, wanted: Numbers): Difference {
  const depth = graph.nodes.filter(({ kind }) => kind === 'apply').length;
  let worst: Difference = { abs: 0, output: '', largest: 0, within: true };
  let within = true;
  for (const [output, values] of Object.entries(wanted)) {
    const mine = ours[output];
    let [abs, largest] = [mine?.length === values.length ? 0 : Infinity, 0];
    values.forEach((y, at) => {
      const x = mine?.[at] ?? NaN;
      const off = Object.is(x, y) ? 0 : Math.abs(x - y);
      abs = Math.max(abs, Number.isNaN(off) ? Infinity : off);
      largest = Math.max(largest, Math.abs(y));
    });
    within &&= abs <= depth * 2 ** -24 * Math.max(1, largest);
    if (abs > worst.abs) worst = { abs, output, largest, within };
  }
  return { ...worst, within };
}

/** The outputs that a golden file beside the project's models has for this model and input. */
export function goldenOutputs(model: string, input: string): Numbers | undefined {
  const url = new URL(`../models/golden/${model}.${input}.json`, import.meta.url);
  if (!/^[\w-]+$/.test(model + input) || !existsSync(url)) return undefined;
  const file = JSON.parse(readFileSync(url, 'utf8')) as {
    outputs: Record<string, { values: number[] }>;
  };
  return Object.fromEntries(
    Object.entries(file.outputs).map(([name, { values }]) => [name, Float32Array.from(values)]),
  );
}
