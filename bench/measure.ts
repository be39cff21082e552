// Runs the suites that were asked for, and gathers what they yield.
import { machineRates, type Outcome } from './field.js';
import type { Absent, Report, Row } from './report.js';
import { suites } from './suites/index.js';
import type { Context } from './suites/suite.js';

/** What was measured. */
export type Measured = Pick<Report, 'rows' | 'absent' | 'peakGflops' | 'loadGBs'>;

/** Hears of every outcome as it comes, and what was measured so far. */
export type Say = (suite: string, outcome: Partial<Outcome>, soFar: Measured) => void;

/** Runs suites. */
export async function measure(context: Context, say: Say): Promise<Measured> {
  const rows: Row[] = [];
  const absent: Absent[] = [];
  let { peakGflops, loadGBs } = await machineRates(context.engine, context.race);
  for (const suite of context.options.suites) {
    for await (const outcome of suites[suite](context)) {
      rows.push(...(outcome.rows ?? []));
      absent.push(...(outcome.absent ?? []));
      peakGflops = Math.max(peakGflops, outcome.peakGflops ?? 0);
      loadGBs = Math.max(loadGBs, outcome.loadGBs ?? 0);
      say(suite, outcome, { rows, absent, peakGflops, loadGBs });
    }
  }
  return { rows, absent, peakGflops, loadGBs };
}

/** Timing for a whole run and for a quick one. */
export function pace(quick: boolean): {
  rounds: number;
  least: number;
  warm: number;
  patience: number;
} {
  return quick
    ? { rounds: 11, least: 2, warm: 15, patience: 60 }
    : { rounds: 15, least: 2, warm: 60, patience: 250 };
}
