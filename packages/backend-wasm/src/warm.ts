// Bringing exports to their last compilation before a user waits for them. V8 compiles a function quickly
// at its first call, about three times too slow, and again in the background once it has run for a while;
// a call that has begun ends in the slow form. So when a kernel is first bound in a process, part of it is
// run until it is quick. What it writes is what the kernel will write anyway.
import type { Stage } from './kernel.js';

/** Milliseconds for all exports of our binaries in a process, and for one. */
const [budget, most] = [15, 4];
/** Seconds of work that are worth warming for, and that one run of it should take. */
const [worthWarming, pieceSeconds] = [10e-6, 40e-6];
/** Seconds of work before a stage that are worth doing for it. */
const worthRunning = 1e-3;

/** What is warm of a variant; V8 keeps it so for every instance. */
interface Warmth {
  readonly names: Set<string>;
  left: number;
}
const known = new WeakMap<WebAssembly.Module, Warmth>();

/** A stage with what it calls, and its seconds as estimated. */
export interface WarmStage extends Stage {
  readonly call: (...args: readonly number[]) => number;
  readonly seconds: number;
}

/** Runs a part of stages that are cold. */
export class Warmer {
  readonly #warmth: Warmth;

  /** Of the variant that this core belongs to. */
  constructor(core: WebAssembly.Module) {
    this.#warmth = known.get(core) ?? { names: new Set(), left: budget };
    known.set(core, this.#warmth);
  }

  /** Warms what the stages of a kernel call, as far as there is time. */
  warm(stages: readonly WarmStage[]): void {
    let [ran, seconds] = [0, 0];
    for (const [at, stage] of stages.entries()) {
      if (!this.#isCold(stage)) continue;
      // What a stage reads may be what those before it write.
      for (; ran < at; ran++) {
        const { call, units, args, seconds: took } = stages[ran]!;
        if ((seconds += took) > worthRunning) return;
        call(0, units, ...args);
      }
      this.#warm(stage);
    }
  }

  #isCold({ name, seconds }: WarmStage): boolean {
    const { left, names } = this.#warmth;
    return seconds >= worthWarming && left > 0 && !names.has(name);
  }

  #warm({ name, units, args, call, seconds }: WarmStage): void {
    const warmth = this.#warmth;
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
