// Variants of the dense product and a copy, each large enough to fill a card and small enough for a software adapter.
// They are raced here, never chosen by a vendor's name; an adapter that WebGPU itself calls a fallback has one variant
// of tiles.
import type { Rates } from '@lacuna/ir';
import type { WebgpuBackend } from './backend.js';
import { binding, type Dispatch, type Tuning } from './kernel.js';
import { denseFamily } from './kernels/dense.js';
import { product } from './kernels/product.js';
import { grid, item, program } from './program.js';

/**
 * Share of a thread's time that lanes may take for a row, to be preferred: less than the same program differs by from
 * one race to the next, so that an adapter is told the same each time. Other layouts follow the dense product: lanes
 * won or lost with all of them, where they were measured.
 */
const clearly = 0.8;

const copy = program({
  name: 'rate-copy',
  params: ['count'],
  buffers: [
    { name: 'x', type: 'array<vec4f>' },
    { name: 'y', type: 'array<vec4f>', write: true },
  ],
  workgroup: [64, 1, 1],
  body: `
let at = ${item(64)};
if (at < p.count) { y[at] = x[at]; }`,
});

/** Who runs. */
export interface Entrants {
  readonly side: number;
  /** Whether tiles in workgroup memory do. */
  readonly tiles: boolean;
  readonly subgroup: number;
}

/** What one size shows. */
export interface Raced {
  readonly tuning: Tuning;
  readonly rates: Rates;
  /** Of the faster product, the start of a kernel included. */
  readonly seconds: number;
}

/** Races the variants, and measures the rates as it does. */
export async function race(
  backend: WebgpuBackend,
  { side, tiles, subgroup }: Entrants,
): Promise<Raced> {
  const { memory } = backend;
  const blocks = [0, 1, 2].map(() => memory.alloc(side * side * 4));
  const [w, x, y] = blocks.map((block) => binding(block, side * side * 4));
  const type = {
    format: denseFamily.layout(),
    shape: [side, side],
    dtype: 'float32' as const,
    stored: side * side,
    constant: true,
  };
  const dense = (n: number, tuning: Partial<Tuning>): Dispatch =>
    product(
      denseFamily,
      type,
      { params: [], buffers: [w] },
      {
        k: side,
        n,
        x,
        bias: undefined,
        activation: 'none',
        y: y!,
        lies: 'whole',
        tuning: { shared: false, subgroup: 0, ...tuning },
      },
    );
  const moved: Dispatch = {
    program: copy,
    params: [(side * side) / 4],
    buffers: [x, y],
    workgroups: grid((side * side) / 4, 64),
  };
  try {
    const times = await bestOf(backend, {
      moved,
      nothing: { ...moved, params: [0], workgroups: [1, 1, 1] },
      register: dense(side, {}),
      ...(tiles && { shared: dense(side, { shared: true }) }),
      ...(subgroup > 0 && { threads: dense(1, {}), lanes: dense(1, { subgroup }) }),
    });
    const launch = times.nothing;
    const slow = Math.min(times.register, times.shared);
    const seconds = Math.max(slow - launch, slow / 10);
    return {
      tuning: {
        shared: times.shared < times.register,
        subgroup: times.lanes < clearly * times.threads ? subgroup : 0,
      },
      rates: {
        flops: (2 * side ** 3) / seconds,
        bandwidth: (8 * side * side) / Math.max(times.moved - launch, times.moved / 10),
        launch,
      },
      seconds: slow,
    };
  } finally {
    for (const block of blocks) memory.free(block);
    backend.counters.reset();
  }
}

const [rounds, repeats] = [3, 2];
const entrants = ['moved', 'nothing', 'register', 'shared', 'threads', 'lanes'] as const;
type Entrant = (typeof entrants)[number];

/**
 * Seconds of each dispatch: the best of a few submissions of several; infinite for what does not run. All are compiled
 * at once before.
 */
async function bestOf(
  backend: WebgpuBackend,
  dispatches: Partial<Record<Entrant, Dispatch>>,
): Promise<Record<Entrant, number>> {
  const runs = entrants.flatMap((name) => {
    const dispatch = dispatches[name];
    return dispatch ? [{ name, run: backend.run([dispatch]) }] : [];
  });
  await backend.ready();
  const seconds = Object.fromEntries(entrants.map((name) => [name, Infinity])) as Record<
    Entrant,
    number
  >;
  for (let round = 0; round < rounds; round++)
    for (const { name, run } of runs) {
      const start = performance.now();
      for (let repeat = 0; repeat < repeats; repeat++) run();
      await backend.finish();
      seconds[name] = Math.min(seconds[name], (performance.now() - start) / 1000 / repeats);
    }
  return seconds;
}
