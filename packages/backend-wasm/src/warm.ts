// Bringing exports to their last compilation before a user waits for them. V8 compiles a function quickly
// at its first call, about three times too slow, and again in the background once it has run for a while;
// a call that has begun ends in the slow form. So when a kernel is first bound in a process, part of it is
// run until it is quick. What it writes is what the kernel will write anyway.
import type { Stage } from './kernel.js';

/** Milliseconds for all exports of a module in a process, and for one. */
const [budget, most] = [15, 4];
/** Seconds of work that are worth warming for, and that one run of it should take. */
const [worthWarming, pieceSeconds] = [10e-6, 40e-6];

/** What is warm of a module; V8 keeps it so for every instance. */
interface Warmth {
  readonly names: Set<string>;
  left: number;
}
const known = new WeakMap<WebAssembly.Module, Warmth>();

/** Runs a part of stages that are cold. */
export class Warmer {
  readonly #warmth: Warmth;

  constructor(module: WebAssembly.Module) {
    this.#warmth = known.get(module) ?? { names: new Set(), left: budget };
    known.set(module, this.#warmth);
  }

  /** Warms what a stage calls, if it is worth so many seconds and there is time left. */
  warm(call: (...args: readonly number[]) => number, stage: Stage, seconds: number): void {
    const { name, units, args } = stage;
    const warmth = this.#warmth;
    if (seconds < worthWarming || warmth.left <= 0 || warmth.names.has(name)) return;
    warmth.names.add(name);
    const piece = Math.max(1, Math.round(units * Math.min(1, pieceSeconds / seconds)));
    const start = performance.now();
    call(0, piece, ...args); // its first compilation
    let [slow, runs, now] = [Infinity, 0, performance.now()];
    while (now - start < Math.min(most, warmth.left)) {
      call(0, piece, ...args);
      const took = performance.now() - now;
      now += took;
      if (runs++ < 3) slow = Math.min(slow, took);
      else if (took < 0.6 * slow) break;
    }
    warmth.left -= now - start;
  }
}
