// The report: what `--json` writes, and all that tables, pages and documents are made from.
import type { Counts } from './gpu/counts.js';
import type { Summary } from './statistics.js';

/** M, K, N of Y [M, N] = W [M, K] · X [K, N]. */
export type Shape = readonly [number, number, number];

/** One contender in one race. */
export interface Row {
  readonly suite: string;
  readonly shape: Shape;
  /** Share of the weights that is zero. */
  readonly sparsity: number;
  readonly layout: string;
  readonly contender: string;
  readonly threads: number;
  /** The kernel that was chosen, of ours. */
  readonly kernel?: string;
  readonly ms: Summary;
  /** Operations that the dense product would take, a second. */
  readonly gflopsEffective: number;
  /** Operations of stored entries, a second. */
  readonly gflopsStored: number;
  /** Operations for each byte of weights, coordinates, input and output. */
  readonly intensity?: number;
  /** `gflopsStored` over what multiply-adds and loads allow: see `roofline`. */
  readonly ofRoofline: number | null;
  /** Times faster than our dense product of the same race: median over rounds. */
  readonly vsOwnDense: number | null;
  /** The same, from the best times. */
  readonly vsOwnDenseBest?: number;
  /** Times faster than the fastest float32 peer of the same race: median over rounds. Ours only. */
  readonly vsBestPeer: number | null;
  readonly bestPeer: string | null;
  /** What a call costs a device, of ours on WebGPU. */
  readonly counts?: Counts;
  /** Repetitions, where they are fewer than usual. */
  readonly rounds?: number;
  /** What else a suite measures, by name. */
  readonly extra?: Readonly<Record<string, number | string>>;
}

/** A contender that could not take part, and why. */
export interface Absent {
  readonly suite: string;
  readonly contender: string;
  readonly layout?: string;
  readonly shape?: Shape;
  readonly why: string;
}

/** Everything that was measured in one process. */
export interface Report {
  readonly machine: string;
  readonly engine: string;
  /** The GPU and its features, where one computed. */
  readonly adapter?: string;
  readonly clock: 'cpu' | 'wall';
  /** Load averages of one minute before and after. */
  readonly load: readonly number[];
  readonly date: string;
  readonly command: string;
  /** Whether it was stopped before all suites had run. */
  readonly stopped?: boolean;
  readonly peers: Readonly<Record<string, string>>;
  readonly peakGflops: number;
  readonly loadGBs: number;
  readonly rows: readonly Row[];
  readonly absent: readonly Absent[];
}

/**
 * GFLOP/s that the hardware allows: multiply-adds, or loading each weight, coordinate, input and output
 * once, whichever is less.
 */
export function roofline(
  flops: number,
  bytes: number,
  peakGflops: number,
  loadGBs: number,
): number {
  return Math.min(peakGflops, (flops / bytes) * loadGBs);
}

/** The report as JSON, a line a row, in four digits: to be committed, and read by `--docs`. */
export function toJson(report: Report): string {
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
  const { rows, absent, ...head } = report;
  const lines = (items: readonly object[]): string =>
    items.map((item) => `  ${JSON.stringify(item, rounded)}`).join(',\n');
  const start = JSON.stringify(head, rounded, 1).replace(/\n\}$/, '');
  return `${start},\n "rows": [\n${lines(rows)}\n ],\n "absent": [\n${lines(absent)}\n ]\n}\n`;
}
