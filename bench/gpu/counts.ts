// What one call costs a device, whatever device it is: counted, not timed.
import type { Dispatch, WebgpuBackend } from '@lacuna/backend-webgpu';
import type { Engine } from '@lacuna/lacuna';
import type { Contender } from '../contenders/contender.js';
import type { Input, Weights } from '../problem.js';
import { tally } from './tally.js';

/** Counts of one call. Bytes are of buffers, and a multiply-add is two operations. */
export interface Counts {
  readonly dispatches: number;
  readonly submissions: number;
  readonly workgroups: number;
  /** What the bindings cover. */
  readonly bytesBound: number;
  /** By the layout's arithmetic: its own bytes, x and y, each once. */
  readonly bytesMoved: number;
  /** What threads ask of the caches in all, and of x alone. */
  readonly bytesLoaded?: number;
  readonly bytesLoadedOfX?: number;
  /** Of stored entries. */
  readonly fmas: number;
}

/** A contender of ours on WebGPU with its counts; `count` says whether loads are counted, which takes a run more. */
export async function counted(
  engine: Engine,
  { tensor, m, k }: Weights,
  { n }: Input,
  make: () => Contender,
  loads: boolean,
): Promise<Contender> {
  const backend = engine.backend as WebgpuBackend;
  const { counters } = backend;
  const heard: Dispatch[] = [];
  const stop = hear(backend, heard);
  counters.reset();
  try {
    const contender = make();
    await contender.run();
    await contender.settle?.();
    const { dispatches, submissions, workgroups, programs } = counters;
    const bytesBound = [...programs.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    stop();
    const loaded = loads ? await tally(backend, heard) : {};
    const reads = Object.entries(loaded).filter(([name]) => name !== 'y');
    return {
      ...contender,
      counts: {
        dispatches,
        submissions,
        workgroups,
        bytesBound,
        bytesMoved: tensor.bytes + 4 * (k + m) * n,
        ...(loads && {
          bytesLoaded: reads.reduce((sum, [, bytes]) => sum + bytes, 0),
          bytesLoadedOfX: loaded['x'] ?? 0,
        }),
        fmas: tensor.stored * n,
      },
    };
  } finally {
    stop();
  }
}

/** Keeps what a backend binds, until the result is called. */
function hear(backend: WebgpuBackend, heard: Dispatch[]): () => void {
  const run = backend.run.bind(backend);
  backend.run = (dispatches) => {
    heard.push(...dispatches);
    return run(dispatches);
  };
  return () => void (backend.run = run);
}
