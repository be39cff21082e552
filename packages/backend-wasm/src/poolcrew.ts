// The caller and its workers over one board: a job is written down, everyone takes tickets, and the caller
// waits for the last. See poolboard.ts for the words and why they are safe.
import { SparseError } from '@lacuna/ir';
import type { Arena, WasmBlock } from './memory.js';
import { Balance } from './poolbalance.js';
import { at, boardBytes, ownAt } from './poolboard.js';
import { Turns, type Job } from './poolturns.js';
import { lost, startWorker, type PoolWorker, type WorkerUrl } from './poolworker.js';

/** What {@link Crew} may be told. */
export interface CrewOptions {
  /** Threads with the caller's. */
  readonly threads: number;
  /** Cores of the host. */
  readonly cores: number;
  readonly workerUrl?: WorkerUrl | undefined;
  /** Milliseconds after which a thread that does not finish is given up; default ten seconds. */
  readonly patience?: number | undefined;
  /** Cuts everything, however small, wakes workers always and lets them begin: for laws. */
  readonly always?: boolean | undefined;
}

/** Work that is worth waking sleepers for, in seconds. */
const worthWaking = 200e-6;

/** Threads that take tickets. */
export class Crew {
  readonly threads: number;
  readonly #arena: Arena;
  readonly #board: SharedArrayBuffer;
  readonly #turns: Turns;
  readonly #words: Int32Array;
  /** Milliseconds that workers spin before they sleep: long, unless they take the caller's core. */
  readonly #spin: number;
  readonly #patience: number;
  /** Whether everything is cut. */
  readonly always: boolean;
  readonly #balance = new Balance();
  #workers: readonly PoolWorker[] = [];
  #lost: SparseError | undefined;
  #own: WasmBlock | undefined;
  #modules = 0;
  #credit = 0;
  #last = 0;

  private constructor(arena: Arena, options: CrewOptions) {
    const { threads, cores, patience = 10_000, always = false } = options;
    [this.threads, this.#arena, this.#patience, this.always] = [threads, arena, patience, always];
    this.#spin = threads > cores ? 0.05 : 1;
    this.#board = new SharedArrayBuffer(boardBytes(threads));
    this.#turns = new Turns(this.#board);
    this.#words = this.#turns.words;
  }

  /**
   * Starts workers that know some modules.
   *
   * @throws SparseError `device-lost` where one cannot start.
   */
  static async start(
    arena: Arena,
    modules: readonly WebAssembly.Module[],
    options: CrewOptions,
  ): Promise<Crew> {
    const crew = new Crew(arena, options);
    const gone = (why: SparseError): void => void (crew.#lost ??= why);
    try {
      const workers = Array.from({ length: options.threads - 1 }, () =>
        startWorker(options.workerUrl, gone),
      );
      crew.#workers = workers;
      await Promise.all(
        workers.map((worker, index) =>
          worker.post({
            modules,
            board: crew.#board,
            memory: arena.memory,
            thread: index + 1,
            stack: arena.stackOf(index + 1),
            spin: crew.#spin,
          }),
        ),
      );
      crew.#modules = modules.length;
      return crew;
    } catch (error) {
      crew.dispose();
      throw error;
    }
  }

  /** Tells workers of another module; the result is how jobs name it. */
  async add(module: WebAssembly.Module): Promise<number> {
    this.alive();
    Atomics.add(this.#words, at.command, 1);
    this.#turns.close();
    Atomics.notify(this.#words, at.next);
    await Promise.all(this.#workers.map((worker) => worker.post({ modules: [module] })));
    return this.#modules++;
  }

  /** Makes sure that every worker has this many bytes of scratch of its own; false where there is no room. */
  reserve(bytes: number): boolean {
    const each = Math.ceil(bytes / 64) * 64;
    const workers = this.threads - 1;
    if (this.#own && this.#own.bytes >= each * workers) return true;
    try {
      const block = this.#arena.keep(each * workers);
      if (this.#own) this.#arena.free(this.#own);
      this.#own = block;
    } catch {
      return false; // the stage stays on the caller's thread
    }
    for (let thread = 1; thread <= workers; thread++)
      this.#words[ownAt + thread] = this.#own.offset + (thread - 1) * each;
    return true;
  }

  /** Throws where a worker has died. */
  alive(): void {
    if (this.#lost) throw this.#lost;
  }

  /**
   * Runs a job on all threads that are awake.
   *
   * @throws SparseError `device-lost` where a worker died, or its kernel threw.
   */
  run(job: Job): void {
    this.alive();
    const start = performance.now();
    const { trial } = job;
    if (!this.#wanted(start, job.seconds) || !(trial.cuts || this.always)) {
      job.kernel(0, job.units, ...job.args);
      const took = performance.now() - start;
      this.#balance.whole(took, Math.min(took, trial.worth));
      trial.sawWhole(took);
      return;
    }
    const turns = this.#turns;
    const woke = turns.open(job);
    if (this.always) turns.yield(start);
    let mine = 0;
    try {
      for (;;) {
        const ticket = turns.take(job.tickets);
        if (ticket < 0) break;
        const [begin, end] = [ticket * job.size, Math.min(job.units, (ticket + 1) * job.size)];
        mine++;
        job.kernel(begin, end, ...job.args);
      }
    } finally {
      this.#finish(job, mine, start, woke);
    }
  }

  /** Waits for what workers took, and notes what the job took. */
  #finish(job: Job, mine: number, start: number, woke: boolean): void {
    const own = performance.now() - start;
    const taken = Math.min(this.#turns.close(), job.tickets);
    const waited = this.#turns.wait(taken - mine, this.#patience + 1e5 * job.seconds);
    if (waited === undefined) throw this.#lose('it took a ticket and did not finish it');
    const failed = this.#words[at.failed]!;
    if (failed !== 0) throw this.#lose(`a kernel failed in worker ${failed - 1}`);
    const took = own + waited;
    const { trial } = job;
    if (trial.settled || (woke && trial.worth < Infinity))
      this.#balance.cut(start + took, took, trial.worth);
    // Waking takes time that later jobs do not need: it says little about them.
    if (taken > mine && !woke) trial.sawCut(took);
  }

  /** Whether cutting pays, and workers are awake or there has been work enough lately to wake them. */
  #wanted(now: number, seconds: number): boolean {
    if (this.always) return true;
    if (!this.#balance.pays(now)) return false;
    if (now - this.#last > 5 * this.#spin) this.#credit = 0;
    this.#last = now;
    if (Atomics.load(this.#words, at.asleep) < this.#workers.length) return true;
    this.#credit += seconds;
    if (this.#credit < worthWaking) return false;
    this.#credit = 0;
    return true;
  }

  #lose(why: string): SparseError {
    this.#lost = lost(why);
    this.#end();
    return this.#lost;
  }

  #end(): void {
    for (const worker of this.#workers) worker.end();
    this.#workers = [];
  }

  /** Ends the workers. A second call does nothing. */
  dispose(): void {
    this.#lost ??= new SparseError('disposed', 'the WASM backend was used after dispose()', {
      hint: 'create another engine',
    });
    this.#end();
  }
}
