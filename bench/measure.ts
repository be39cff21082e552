// Runs the suites that were asked for, and gathers what they yield.
import { machineRates, type Outcome } from './field.js';
import type { Options } from './options.js';
import type { RaceOptions } from './race.js';
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
  let { peakGflops, loadGBs } = await machineRates(context.peaks, context.race);
  // Something is measured in any case.
  const late = (): boolean => rows.length > 0 && Date.now() > (context.options.until ?? Infinity);
  const why = 'no time was left in a quick run';
  const { suites: names, quick } = context.options;
  const waiting = names.map((suite) => ({
    suite,
    races: suites[suite](context)[Symbol.asyncIterator](),
  }));
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { suite, races } = next;
    if (late()) {
      absent.push({ suite, contender: 'races that are left', why });
      await races.return?.();
      continue;
    }
    const { done, value: outcome } = await races.next();
    if (done) continue;
    // Suites take turns in a quick run, so that each has a race before time is up.
    if (quick) waiting.push(next);
    else waiting.unshift(next);
    rows.push(...(outcome.rows ?? []));
    rows.sort((a, b) => order(a, names) - order(b, names));
    absent.push(...(outcome.absent ?? []));
    peakGflops = Math.max(peakGflops, outcome.peakGflops ?? 0);
    loadGBs = Math.max(loadGBs, outcome.loadGBs ?? 0);
    say(suite, outcome, { rows, absent, peakGflops, loadGBs });
  }
  return { rows, absent, peakGflops, loadGBs };
}

const order = ({ suite }: Row, names: readonly string[]): number => names.indexOf(suite);

/**
 * Timing for a whole run and for a quick one. On WebGPU a repetition ends by waiting for another process, and is
 * longer, so that the wait is a small part of it.
 */
export function pace({ quick, backend, until }: Options): Omit<RaceOptions, 'clock'> {
  const least = backend === 'webgpu' ? (quick ? 4 : 8) : 2;
  return quick
    ? { rounds: 11, least, warm: 15, patience: 60, ...(until !== undefined && { until }) }
    : { rounds: 15, least, warm: 60, patience: 250 };
}
