// Threads: each product, and the network, on one thread and on several, in turns. The numbers must be the same
// bits. Small products are there to show that threads do not slow down what is too small for them.
import {
  bcsr,
  createEngine,
  csr,
  dense,
  nmg,
  wasm,
  type Engine,
  type Format,
  type WasmBackend,
} from '@lacuna/lacuna';
import { clockFor } from '../clock.js';
import { lacuna } from '../contenders/lacuna.js';
import { format } from '../options.js';
import { makeInput, type Weights } from '../problem.js';
import { race, type RaceOptions, type Runner } from '../race.js';
import type { Absent, Row, Shape } from '../report.js';
import { gflops, speedUp, summarize } from '../statistics.js';
import { networkOn } from './network.js';
import { Shelf, type Context, type Suite } from './suite.js';

const quickShapes: readonly Shape[] = [
  [64, 64, 8],
  [768, 768, 8],
  [768, 768, 128],
];
/** From what is too small for threads to what is not, and one of few rows. */
const usualShapes: readonly Shape[] = [
  ...quickShapes,
  [256, 256, 32],
  [32, 768, 1024],
  [3072, 768, 32],
  [3072, 768, 128],
  [768, 3072, 512],
];
const products: readonly (readonly [Format, number])[] = [
  [dense(), 0],
  [csr(), 0.9],
  [bcsr(4, 1), 0.75],
  [nmg(2, 4, 8), 0.5],
];

/** One thing to do on each engine, in the order of the engines. */
interface Task {
  readonly contender: string;
  readonly layout: string;
  readonly sparsity: number;
  readonly shape: Shape;
  /** Operations, as if dense and of stored entries. */
  readonly flops: readonly [number, number];
  readonly runners: readonly Runner[];
  readonly results: readonly (() => Promise<ArrayLike<number>>)[];
  readonly kernel?: string | undefined;
}

/** Times, and times over one thread. */
export const threads: Suite = async function* (context) {
  const { options, race: given } = context;
  const timing: RaceOptions = { ...given, clock: clockFor(2) };
  const counts = [1, ...countsOf(options.threads)];
  const backends = await Promise.all(counts.map((count) => wasm({ threads: count })));
  const refused = backends.findIndex((backend, at) => backend.threads !== counts[at]);
  if (refused >= 0) {
    const why = backends[refused]!.about;
    for (const backend of backends) backend.dispose();
    yield { absent: [{ suite: 'threads', contender: 'lacuna', why }] };
    return;
  }
  const engines = await Promise.all(backends.map((backend) => createEngine(backend)));
  try {
    for (const shape of shapesOf(context)) yield await ofShape(context, engines, shape, timing);
    if (options.layouts.length === 0) yield await ofNetwork(context, counts, timing);
  } finally {
    for (const engine of engines) engine.dispose();
  }
};

/** What was asked for; else two, and all cores where there are more. */
function countsOf(asked: number): number[] {
  if (asked > 1) return [asked];
  const cores = globalThis.navigator?.hardwareConcurrency ?? 2;
  return cores > 2 ? [2, cores] : [2];
}

function shapesOf({ options }: Context): readonly Shape[] {
  if (options.chosen) return options.shapes;
  return options.quick ? quickShapes : usualShapes;
}

async function ofShape(
  { options }: Context,
  engines: readonly Engine[],
  shape: Shape,
  timing: RaceOptions,
) {
  const [m, k, n] = shape;
  const shelf = new Shelf(options.seed);
  const input = makeInput(k, n, options.seed);
  const rows: Row[] = [];
  const absent: Absent[] = [];
  const asked = options.layouts.map((text) => [format(text), options.sparsities[0]!] as const);
  for (const [storage, sparsity] of asked.length > 0 ? asked : products) {
    let weights: Weights;
    try {
      weights = shelf.get(m, k, storage, sparsity);
    } catch (error) {
      const layout = storage.layout.layoutName;
      const why = `no such weights: ${(error as Error).message}`;
      absent.push({ suite: 'threads', contender: 'lacuna', layout, shape, why });
      continue;
    }
    const made = await Promise.all(engines.map((e) => lacuna(e, 'plan', weights, input)));
    const task: Task = {
      contender: 'lacuna plan',
      layout: weights.layout,
      sparsity: weights.sparsity,
      shape,
      flops: [2 * m * k * n, 2 * weights.tensor.stored * n],
      runners: made,
      results: made.map((c) => async () => c.result()),
      kernel: made[0]!.kernel,
    };
    const counts = engines.map((engine) => (engine.backend as WasmBackend).threads);
    await raceTask(task, counts, timing, rows, absent);
    for (const contender of made) await contender.dispose?.();
  }
  return { rows, absent };
}

async function ofNetwork(context: Context, counts: readonly number[], timing: RaceOptions) {
  const rows: Row[] = [];
  const absent: Absent[] = [];
  const made = await networkOn(context, counts);
  const { name, sparsity, size } = made[0]!;
  const task: Task = {
    contender: 'lacuna auto',
    layout: name,
    sparsity,
    shape: [1, size, 1],
    flops: [0, 0],
    runners: made,
    results: made.map((net) => net.numbers),
  };
  await raceTask(task, counts, timing, rows, absent);
  for (const net of made) net.dispose();
  return { rows, absent };
}

/** Races a task on one thread and on several, where their numbers agree to the bit. */
async function raceTask(
  { contender, layout, sparsity, shape, flops, runners, results, kernel }: Task,
  counts: readonly number[],
  timing: RaceOptions,
  rows: Row[],
  absent: Absent[],
): Promise<void> {
  const numbers: ArrayLike<number>[] = [];
  for (const [at, runner] of runners.entries()) {
    await runner.run();
    numbers.push(await results[at]!());
    const differs = firstOther(numbers[0]!, numbers[at]!);
    if (differs < 0) continue;
    const why = `wrong: number ${differs} on ${counts[at]} threads has other bits than on one`;
    absent.push({ suite: 'threads', contender, layout, shape, why });
    return;
  }
  const times = await race(runners, timing);
  times.forEach((own, at) => {
    const ms = summarize(own);
    const over = speedUp(times[0]!, own);
    rows.push({
      suite: 'threads',
      shape,
      sparsity,
      layout,
      contender,
      threads: counts[at]!,
      ...(kernel !== undefined && { kernel }),
      ms,
      gflopsEffective: gflops(flops[0], ms.median),
      gflopsStored: gflops(flops[1], ms.median),
      ofRoofline: null,
      vsOwnDense: null,
      vsBestPeer: null,
      bestPeer: null,
      ...(own.length < timing.rounds && { rounds: own.length }),
      extra: {
        threads: counts[at]!,
        ...(at > 0 && { '× one thread': over.median, 'at best': over.best }),
      },
    });
  });
}

function firstOther(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let at = 0; at < a.length; at++) if (!Object.is(a[at], b[at])) return at;
  return a.length === b.length ? -1 : a.length;
}
