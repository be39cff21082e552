// One race: who takes part, checked first, timed in turns, and turned into rows. Beside the contenders runs
// the machine's own peak, so that a share of it is of what the machine gave at that time.
import { wrong, type Expected } from './check.js';
import type { Contender, Make } from './contenders/contender.js';
import type { Peaks } from './peaks/peaks.js';
import type { Input, Weights } from './problem.js';
import { race, type RaceOptions } from './race.js';
import { roofline, type Absent, type Row, type Shape } from './report.js';
import { gflops, speedUp, summarize } from './statistics.js';

/** Ours, or a peer: one that is given every weight, one that stores what is not zero, one of 8 bits. */
export type Role = 'own dense' | 'own' | 'dense peer' | 'sparse peer' | 'int8 peer';

/** A contender to be made. */
export interface Entry {
  readonly contender: string;
  readonly weights: Weights;
  /** What others are measured by: our dense product, and peers. */
  readonly role: Role;
  readonly make: Make;
  /** Why it cannot take part in this host. */
  readonly absent?: string | undefined;
}

/** What a race is of. */
export interface Field {
  readonly suite: string;
  readonly shape: Shape;
  readonly input: Input;
  readonly entries: readonly Entry[];
  /** Threads that each may use. */
  readonly threads: number;
}

/** What came of a race. */
export interface Outcome {
  readonly rows: readonly Row[];
  readonly absent: readonly Absent[];
  readonly peakGflops: number;
  readonly loadGBs: number;
}

type Starter = Entry & { readonly ready: Contender };

/** Runs a race. */
export async function run(field: Field, peaks: Peaks, options: RaceOptions): Promise<Outcome> {
  const absent: Absent[] = [];
  const starters: Starter[] = [];
  const known = new Map<Weights, Expected>();
  for (const entry of field.entries) {
    const why = await enter(entry, field, known, starters);
    if (why === undefined) continue;
    const { suite, shape } = field;
    absent.push({ suite, contender: entry.contender, layout: entry.weights.layout, shape, why });
  }
  const { multiplying, loading } = peaks;
  try {
    const times = await race([multiplying, loading, ...starters.map((s) => s.ready)], options);
    const rates = ratesOf(peaks, times);
    const rows = toRows(field, starters, times.slice(2), rates, options.rounds);
    return { rows, absent, ...rates };
  } finally {
    for (const { ready } of starters) await ready.dispose?.();
  }
}

/** What the machine can do at best. */
type MachineRates = Pick<Outcome, 'peakGflops' | 'loadGBs'>;

/** The machine's own rates, by themselves. */
export async function machineRates(peaks: Peaks, options: RaceOptions): Promise<MachineRates> {
  return ratesOf(peaks, await race([peaks.multiplying, peaks.loading], options));
}

function ratesOf(
  { multiplying: { flops }, loading: { bytes } }: Peaks,
  [multiplied = [], loaded = []]: readonly (readonly number[])[],
): MachineRates {
  return {
    peakGflops: gflops(flops, summarize(multiplied).best),
    loadGBs: bytes / summarize(loaded).best / 1e6,
  };
}

/** Makes and checks a contender; returns why it cannot start. */
async function enter(
  entry: Entry,
  { input, threads }: Field,
  known: Map<Weights, Expected>,
  starters: Starter[],
): Promise<string | undefined> {
  if (entry.absent !== undefined) return entry.absent;
  let ready: Contender | undefined;
  try {
    ready = await entry.make(entry.weights, input, threads);
    const why = await wrong(ready, entry.weights, input, known);
    if (why === undefined) {
      starters.push({ ...entry, ready });
      return undefined;
    }
    await ready.dispose?.();
    return `wrong: ${why}`;
  } catch (error) {
    await ready?.dispose?.();
    return `failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function toRows(
  { suite, shape }: Field,
  starters: readonly Starter[],
  times: readonly (readonly number[])[],
  { peakGflops, loadGBs }: MachineRates,
  usual: number,
): Row[] {
  const [m, k, n] = shape;
  const dense = times[starters.findIndex((s) => s.role === 'own dense')];
  return starters.map((starter, at) => {
    const { weights, role, contender } = starter;
    const own = times[at]!;
    const ms = summarize(own);
    const flops = 2 * weights.tensor.stored * n;
    const bytes = weights.tensor.bytes + 4 * (k + m) * n;
    const threads = starter.ready.threads ?? 1;
    const allowed = threads * roofline(flops, bytes, peakGflops, loadGBs);
    const isOurs = role === 'own' || role === 'own dense';
    const peer = isOurs ? fastestPeer(starter, starters, times) : undefined;
    const overDense = dense && speedUp(dense, own);
    return {
      suite,
      shape,
      sparsity: weights.sparsity,
      layout: weights.layout,
      contender,
      threads,
      ...(starter.ready.kernel !== undefined && { kernel: starter.ready.kernel }),
      ms,
      gflopsEffective: gflops(2 * m * k * n, ms.median),
      gflopsStored: gflops(flops, ms.median),
      intensity: flops / bytes,
      ofRoofline: role === 'int8 peer' ? null : gflops(flops, ms.best) / allowed,
      vsOwnDense: overDense?.median ?? null,
      ...(overDense && { vsOwnDenseBest: overDense.best }),
      vsBestPeer: peer === undefined ? null : speedUp(times[peer]!, own).median,
      bestPeer: peer === undefined ? null : starters[peer]!.contender,
      ...(starter.ready.counts && { counts: starter.ready.counts }),
      ...(own.length < usual && { rounds: own.length }),
    };
  });
}

/** The fastest float32 peer that computed the product of the same weights, or of any with as many places. */
function fastestPeer(
  { weights }: Starter,
  starters: readonly Starter[],
  times: readonly (readonly number[])[],
): number | undefined {
  let best: number | undefined;
  starters.forEach((other, at) => {
    const same = other.role === 'sparse peer' && other.weights.sparsity === weights.sparsity;
    if (other.role !== 'dense peer' && !same) return;
    if (best === undefined || summarize(times[at]!).median < summarize(times[best]!).median)
      best = at;
  });
  return best;
}
