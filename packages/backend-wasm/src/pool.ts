// Runs stages: small ones on the caller's thread, large ones cut into tickets that the caller and its workers
// take, each when it is done with the last. A pool of one has no workers and cuts nothing.
import type { Exports, Stage } from './kernel.js';

/** Threads over one memory. */
export class Pool {
  /** Runs stages as they were bound. */
  bind(exports: Exports, stages: readonly Stage[]): () => void {
    const runs = stages.map((stage) => this.#bind(exports, stage));
    return runs.length === 1 ? runs[0]! : () => runs.forEach((run) => run());
  }

  #bind(exports: Exports, { name, units, args }: Stage): () => void {
    return exports[name]!.bind(undefined, 0, units, ...args);
  }
}
