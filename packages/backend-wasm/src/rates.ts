// The machine's own measured rates, in a few milliseconds: multiply-adds from registers, loads from L1.
// They also bring the binary from its first, slow compilation to its last.
import type { Rates } from '@lacuna/ir';
import type { Exports } from './kernel.js';
import type { Arena } from './memory.js';

const seconds = 0.0015;

/** How fast kernels could be at best: measured once a process for each module. */
export function measure(arena: Arena, exports: Exports, module: WebAssembly.Module): Rates {
  let rates = known.get(module);
  if (!rates) known.set(module, (rates = measured(arena, exports)));
  return rates;
}
const known = new WeakMap<WebAssembly.Module, Rates>();

function measured(arena: Arena, exports: Exports): Rates {
  const block = arena.alloc(16384);
  try {
    const flops = peakFlops(exports);
    const bandwidth = best((n) => exports['load_peak']!(n, block.offset, 4096), 3) * 16384;
    return { ...likely(flops, bandwidth), launch: 2e-7 };
  } finally {
    arena.free(block);
  }
}

/**
 * Two rates of one machine, the lower lifted to what goes with the other: where a program took the core during one
 * measurement and not the other, it came out several times too low, and choices that weigh one against the other would
 * be wrong all through the process. Cores load 1 to 4 bytes in the time of an operation; 1.3 to 2.2 were seen.
 */
export function likely(flops: number, bandwidth: number): Pick<Rates, 'flops' | 'bandwidth'> {
  return { flops: Math.max(flops, bandwidth / 4), bandwidth: Math.max(bandwidth, flops) };
}

/** Multiply-adds of one round of `peak`: see the Rust source. */
const flopsPerRound = 96;

/** Floating-point operations a second at best, measured now: what shares of peak are taken of. */
export function peakFlops(exports: Exports): number {
  return best((n) => exports['peak']!(n, 0.999, 0.001)) * flopsPerRound;
}

/**
 * Rounds a second, the best of a few runs. The first runs are in the engine's quick compilation, several times as
 * slow; on a busy machine the good one may be late, so a rate that has not jumped is given a little longer.
 */
function best(run: (rounds: number) => void, patience = 6): number {
  let [rounds, first, rate] = [256, 0, 0];
  const start = performance.now();
  for (;;) {
    const elapsed = performance.now() - start;
    if (elapsed > (rate > 2 * first ? 2 : patience) * 1000 * seconds)
      return rate || rounds / seconds;
    const began = performance.now();
    run(rounds);
    const took = (performance.now() - began) / 1000;
    if (first === 0) first = rounds / took;
    if (took < seconds / 4) rounds *= 2;
    else rate = Math.max(rate, rounds / took);
  }
}
