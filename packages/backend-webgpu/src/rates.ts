// The device's own rates, measured once as the first backend on it comes up, at a size that fills it.
import type { Rates } from '@lacuna/ir';
import type { WebgpuBackend } from './backend.js';
import type { Tuning } from './kernel.js';
import { race } from './race.js';

/** Sides of the product: enough for a software adapter, and what a card needs before it is full. */
const [small, large] = [128, 1024];
/** Seconds under which a small product tells of the start of a kernel, and not of its arithmetic. */
const quickly = 0.0002;

/** What is known of an adapter, by entry point: a second backend on it comes up without measuring. */
const seen = new WeakMap<GPU, Map<string, Measured>>();

type Measured = readonly [Tuning, Rates];

/**
 * Races the variants and measures the rates, once for an adapter; `subgroup`: threads of its smallest subgroup, 0 where
 * there are none.
 */
export async function measure(
  backend: WebgpuBackend,
  adapter: string,
  subgroup: number,
): Promise<Measured> {
  const { entry } = backend;
  const known = entry && (seen.get(entry) ?? new Map<string, Measured>());
  const key = `${adapter}, ${subgroup}`;
  const found = known?.get(key);
  if (found) return found;
  const tiles = !isSoftware(backend.device.adapterInfo);
  const first = await race(backend, { side: small, tiles, subgroup });
  const { tuning, rates } =
    first.seconds < quickly ? await race(backend, { side: large, tiles, subgroup }) : first;
  if (entry && known) seen.set(entry, known.set(key, [tuning, rates]));
  return [tuning, rates];
}

/**
 * Whether an adapter is a processor that stands in for a GPU. Its caches are the processor's, so that tiles in
 * workgroup memory gain nothing: measured on SwiftShader, 2 to 3 times slower, and 4 s to compile for the race.
 */
function isSoftware(info: Partial<GPUAdapterInfo> | undefined): boolean {
  return info?.isFallbackAdapter === true;
}
