// The device's own rates, measured as it comes up: a dense product and a copy, each large enough to fill a
// card and small enough for a software adapter. Variants of the dense product are raced here, never chosen
// by a vendor's name; an adapter that WebGPU itself calls a fallback has one variant.
import type { Rates } from '@lacuna/ir';
import type { WebgpuBackend } from './backend.js';
import { binding, type Dispatch, type Tuning } from './kernel.js';
import { denseFamily } from './kernels/dense.js';
import { product } from './kernels/product.js';
import { grid, item, program } from './program.js';

/** Sides of the product: enough for a software adapter, and what a card needs before it is full. */
const [small, large] = [128, 1024];
/** Seconds under which a small product tells of the start of a kernel, and not of its arithmetic. */
const quickly = 0.0002;

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

/** What is known of an adapter, by entry point: a second backend on it comes up without measuring. */
const seen = new WeakMap<GPU, Map<string, readonly [Tuning, Rates]>>();

/** Races the variants and measures the rates, once for an adapter. */
export async function measure(
  backend: WebgpuBackend,
  adapter: string,
): Promise<readonly [Tuning, Rates]> {
  const { entry } = backend;
  const known = entry && (seen.get(entry) ?? new Map<string, readonly [Tuning, Rates]>());
  const found = known?.get(adapter);
  if (found) return found;
  const both = !isSoftware(backend.device.adapterInfo);
  const first = await race(backend, small, both);
  const { tuning, rates } = first.seconds < quickly ? await race(backend, large, both) : first;
  if (entry && known) seen.set(entry, known.set(adapter, [tuning, rates]));
  return [tuning, rates];
}

/**
 * Whether an adapter is a processor that stands in for a GPU. Its caches are the processor's, so that tiles in
 * workgroup memory gain nothing: measured on SwiftShader, 2 to 3 times slower, and 4 s to compile for the race.
 */
function isSoftware(info: Partial<GPUAdapterInfo> | undefined): boolean {
  return info?.isFallbackAdapter === true;
}

/** What one size shows. */
interface Raced {
  readonly tuning: Tuning;
  readonly rates: Rates;
  /** Of the faster product, the start of a kernel included. */
  readonly seconds: number;
}

async function race(backend: WebgpuBackend, side: number, both: boolean): Promise<Raced> {
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
  const dense = (tuning: Tuning): Dispatch =>
    product(
      denseFamily,
      type,
      { params: [], buffers: [w] },
      {
        k: side,
        n: side,
        x,
        bias: undefined,
        activation: 'none',
        y: y!,
        lies: 'whole',
        tuning,
      },
    );
  const moved: Dispatch = {
    program: copy,
    params: [(side * side) / 4],
    buffers: [x, y],
    workgroups: grid((side * side) / 4, 64),
  };
  try {
    const forms = [dense({ shared: false }), ...(both ? [dense({ shared: true })] : [])];
    const nothing: Dispatch = { ...moved, params: [0], workgroups: [1, 1, 1] };
    const times = await bestOf(backend, [moved, nothing, ...forms]);
    const [quick, launch, register, shared = Infinity] = times as [number, number, number, number?];
    const slow = Math.min(register, shared);
    const seconds = Math.max(slow - launch, slow / 10);
    return {
      tuning: { shared: shared < register },
      rates: {
        flops: (2 * side ** 3) / seconds,
        bandwidth: (8 * side * side) / Math.max(quick - launch, quick / 10),
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

/** Seconds of each dispatch: the best of a few submissions of several. All are compiled at once before. */
async function bestOf(
  backend: WebgpuBackend,
  dispatches: readonly Dispatch[],
): Promise<readonly number[]> {
  const runs = dispatches.map((dispatch) => backend.run([dispatch]));
  await backend.ready();
  const seconds = runs.map(() => Infinity);
  for (let round = 0; round < rounds; round++)
    for (const [at, run] of runs.entries()) {
      const start = performance.now();
      for (let repeat = 0; repeat < repeats; repeat++) run();
      await backend.finish();
      seconds[at] = Math.min(seconds[at]!, (performance.now() - start) / 1000 / repeats);
    }
  return seconds;
}
