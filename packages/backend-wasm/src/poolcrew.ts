// The caller and its workers over one board: a job is written down, everyone takes tickets, and the caller
// waits for the last. See poolboard.ts for the words and why they are safe.
import { SparseError } from '@lacuna/ir';
import type { Arena, WasmBlock } from './memory.js';
import { at, boardBytes, closed, numbersAt, ownAt, ticketBits } from './poolboard.js';
import { Balance } from './poolbalance.js';
import { lost, startWorker, type PoolWorker, type WorkerUrl } from './poolworker.js';

/** Part of a stage, cut into tickets. */
export interface Job {
  readonly kernel: (...args: readonly number[]) => number;
  readonly args: readonly number[];
  /** Which module and which of its exports, as workers count them. */
  readonly module: number;
  readonly function: number;
  readonly units: number;
  readonly tickets: number;
  /** Units a ticket. */
  readonly size: number;
  /** Index of the argument that is scratch of a thread's own, −1 for none. */
  readonly own: number;
  /** Seconds on one thread, as estimated. */
  readonly seconds: number;
  /** Milliseconds that a ticket took at best. */
  best: number;
}

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
/** Milliseconds that the caller spins before it sleeps. */
const callerSpin = 0.1;

/** Threads that take tickets. */
export class Crew {
  readonly threads: number;
  readonly #arena: Arena;
  readonly #board: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  /** Milliseconds that workers spin before they sleep: long, unless they take the caller's core. */
  readonly #spin: number;
  readonly #patience: number;
  readonly #mayWait: boolean;
  /** Whether everything is cut. */
  readonly always: boolean;
  readonly #balance = new Balance();
  #workers: readonly PoolWorker[] = [];
  #lost: SparseError | undefined;
  #own: WasmBlock | undefined;
  #modules = 0;
  #turn = 0;
  #credit = 0;
  #last = 0;

  private constructor(arena: Arena, options: CrewOptions) {
    const { threads, cores, patience = 10_000, always = false } = options;
    [this.threads, this.#arena, this.#patience, this.always] = [threads, arena, patience, always];
    this.#spin = threads > cores ? 0.05 : 1;
    this.#board = new SharedArrayBuffer(boardBytes(threads));
    this.#words = new Int32Array(this.#board);
    this.#numbers = new Float64Array(this.#board, 0, ownAt / 2);
    this.#words[at.next] = closed;
    this.#mayWait = mayWait(this.#words);
  }

  /**
   * Starts workers that know one module.
   *
   * @throws SparseError `device-lost` where one cannot start.
   */
  static async start(
    arena: Arena,
    module: WebAssembly.Module,
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
            module,
            board: crew.#board,
            memory: arena.memory,
            thread: index + 1,
            stack: arena.stackOf(index + 1),
            spin: crew.#spin,
          }),
        ),
      );
      crew.#modules = 1;
      return crew;
    } catch (error) {
      crew.dispose();
      throw error;
    }
  }

  /** Tells workers of another module; the result is how jobs name it. */
  async add(module: WebAssembly.Module): Promise<number> {
    Atomics.add(this.#words, at.command, 1);
    this.#close();
    Atomics.notify(this.#words, at.next);
    await Promise.all(this.#workers.map((worker) => worker.post({ module })));
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
    if (!this.#wanted(start, job.seconds)) {
      job.kernel(0, job.units, ...job.args);
      const took = performance.now() - start;
      job.best = Math.min(job.best, took / job.tickets);
      this.#balance.whole(took, job.best * job.tickets);
      return;
    }
    const words = this.#words;
    this.#describe(job);
    const open = this.#turn << ticketBits;
    Atomics.store(words, at.next, open);
    if (Atomics.load(words, at.asleep) > 0) Atomics.notify(words, at.next);
    if (this.always) this.#yield(start);
    let mine = 0;
    try {
      for (;;) {
        const ticket = this.#take(job.tickets);
        if (ticket < 0) break;
        mine++;
        job.kernel(ticket * job.size, Math.min(job.units, (ticket + 1) * job.size), ...job.args);
      }
    } finally {
      const own = performance.now() - start;
      const taken = Math.min(this.#close(), job.tickets);
      const took = own + this.#await(taken - mine, job.seconds);
      if (mine > 0) job.best = Math.min(job.best, own / mine);
      this.#balance.cut(start + took, took, job.best * job.tickets);
    }
    if (words[at.failed] !== 0)
      throw this.#lose(`a kernel failed in worker ${words[at.failed]! - 1}`);
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

  #describe({ module, function: index, tickets, size, units, args, own }: Job): void {
    const words = this.#words;
    words[at.done] = words[at.failed] = 0;
    words[at.module] = module;
    words[at.function] = index;
    words[at.tickets] = tickets;
    words[at.size] = size;
    words[at.units] = units;
    words[at.arguments] = args.length;
    words[at.own] = own;
    for (let arg = 0; arg < args.length; arg++) this.#numbers[numbersAt + arg] = args[arg]!;
  }

  /** Leaves the first ticket to a worker, if one comes for it in time. */
  #yield(start: number): void {
    while ((Atomics.load(this.#words, at.next) & closed) === 0 && performance.now() - start < 3);
  }

  /** A ticket of this turn, −1 where all are taken. */
  #take(tickets: number): number {
    for (;;) {
      const word = Atomics.load(this.#words, at.next);
      const ticket = word & closed;
      if (ticket >= tickets) return -1;
      if (Atomics.compareExchange(this.#words, at.next, word, word + 1) === word) return ticket;
    }
  }

  /** Ends the turn; the result is how many tickets were taken. */
  #close(): number {
    this.#turn = (this.#turn + 1) & (0xffffffff >>> ticketBits);
    return Atomics.exchange(this.#words, at.next, (this.#turn << ticketBits) | closed) & closed;
  }

  /**
   * Waits until workers have done what they took: a while by looking, then asleep where the host allows. The
   * result is about how many milliseconds.
   */
  #await(tickets: number, seconds: number): number {
    const words = this.#words;
    let [looks, start] = [0, 0];
    while (Atomics.load(words, at.done) < tickets) {
      if (++looks % 64 !== 1) continue;
      const now = performance.now();
      start ||= now;
      if (now - start > this.#patience + 1e5 * seconds)
        throw this.#lose('it took a ticket and did not finish it');
      if (!this.#mayWait || now - start < callerSpin) continue;
      Atomics.store(words, at.waits, 1);
      const done = Atomics.load(words, at.done);
      if (done < tickets) Atomics.wait(words, at.done, done, 20);
      Atomics.store(words, at.waits, 0);
    }
    return start === 0 ? 0 : performance.now() - start;
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

/** Whether this thread may sleep: the main thread of a page may not. */
function mayWait(words: Int32Array): boolean {
  try {
    Atomics.wait(words, at.waits, 1, 0); // its value is 0: not equal, at once
    return true;
  } catch {
    return false; // a TypeError, by the specification
  }
}
