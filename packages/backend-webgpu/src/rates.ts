// The device's own rates, measured as it comes up: a dense product and a copy, each large enough to fill a
// card and small enough for a software adapter. Variants of the dense product are raced here, never chosen
// by a vendor's name.
import type { Rates } from '@lacuna/ir';
import type { WebgpuBackend } from './backend.js';
import { binding, type Dispatch, type Tuning } from './kernel.js';
import { denseFamily } from './kernels/dense.js';
import { product } from './kernels/products.js';
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

/** Races the variants and measures the rates. */
export async function measure(backend: WebgpuBackend): Promise<readonly [Tuning, Rates]> {
  const first = await race(backend, small);
  const { tuning, rates } = first.seconds < quickly ? await race(backend, large) : first;
  return [tuning, rates];
}

/** What one size shows. */
interface Raced {
  readonly tuning: Tuning;
  readonly rates: Rates;
  /** Of the faster product, the start of a kernel included. */
  readonly seconds: number;
}

async function race(backend: WebgpuBackend, side: number): Promise<Raced> {
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
    const register = await best(backend, dense({ shared: false }));
    const shared = await best(backend, dense({ shared: true }));
    const slow = Math.min(register, shared);
    const quick = await best(backend, moved);
    const launch = await best(backend, { ...moved, params: [0], workgroups: [1, 1, 1] });
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

const [rounds, repeats] = [2, 2];

/** Seconds of one dispatch: the best of a few submissions of several. */
async function best(backend: WebgpuBackend, dispatch: Dispatch): Promise<number> {
  const run = backend.run([dispatch]);
  await backend.ready();
  let seconds = Infinity;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    for (let at = 0; at < repeats; at++) run();
    await backend.finish();
    seconds = Math.min(seconds, (performance.now() - start) / 1000 / repeats);
  }
  return seconds;
}
