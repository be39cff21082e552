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
    return {
      flops: best((n) => exports['peak']!(n, 0.999, 0.001)) * flopsPerRound,
      bandwidth: best((n) => exports['load_peak']!(n, block.offset, 4096)) * 16384,
      launch: 2e-7,
    };
  } finally {
    arena.free(block);
  }
}

/** Multiply-adds of one round of `peak`: see the Rust source. */
const flopsPerRound = 96;

/** Rounds a second, the best of a few runs. */
function best(run: (rounds: number) => void): number {
  let [rounds, rate] = [256, 0];
  const end = performance.now() + seconds * 1000 * 3;
  while (performance.now() < end) {
    const start = performance.now();
    run(rounds);
    const took = (performance.now() - start) / 1000;
    if (took < seconds / 4) rounds *= 2;
    else rate = Math.max(rate, rounds / took);
  }
  return rate || rounds / seconds;
}
