// How many threads a host gives, and why not more. Threads need shared memory: Node, Deno and Bun have it,
// pages only where they are cross-origin isolated.
import { SparseError } from '@lacuna/ir';

/** How many threads to use, and one line on why there are not more. */
export interface Threads {
  readonly count: number;
  readonly cores: number;
  readonly hint?: string;
}

/** More were not seen to help, and each takes memory. */
const mostByDefault = 16;

/**
 * Threads for what was asked.
 *
 * @throws SparseError `unsupported` for what is no count.
 */
export function threadsFor(asked: number | 'auto'): Threads {
  const cores = coreCount();
  if (asked !== 'auto' && !(Number.isInteger(asked) && asked >= 1 && asked <= 256))
    throw new SparseError('unsupported', `threads is ${asked}`, {
      hint: "give a whole number from 1 to 256, or 'auto' for one a core",
    });
  const wanted = asked === 'auto' ? Math.min(cores, mostByDefault) : asked;
  if (wanted === 1) return { count: 1, cores };
  const hint = refusal();
  return hint === undefined ? { count: wanted, cores } : { count: 1, cores, hint };
}

function coreCount(): number {
  const own = globalThis.navigator?.hardwareConcurrency;
  if (own) return own;
  return globalThis.process?.getBuiltinModule?.('node:os').availableParallelism() ?? 1;
}

/** Why this host gives no shared memory; undefined where it does. */
function refusal(): string | undefined {
  if ('crossOriginIsolated' in globalThis && !globalThis.crossOriginIsolated)
    return 'the page is not cross-origin isolated: serve it with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp';
  if (typeof SharedArrayBuffer === 'undefined') return 'this host has no SharedArrayBuffer';
  if (typeof Worker === 'undefined' && !globalThis.process?.getBuiltinModule)
    return 'this host starts no workers: use Node 20.16 or later';
  return undefined;
}
