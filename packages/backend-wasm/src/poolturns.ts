// The caller's side of a board: turns that open, tickets that are taken, and the wait for the last.
import type { Trial } from './poolbalance.js';
import { at, closed, numbersAt, ownAt, ticketBits } from './poolboard.js';

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
  readonly trial: Trial;
}

/** Milliseconds that the caller spins before it sleeps. */
const callerSpin = 0.1;

/** Turns over a board, one job each. */
export class Turns {
  readonly words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #mayWait: boolean;
  #turn = 0;

  constructor(board: SharedArrayBuffer) {
    this.words = new Int32Array(board);
    this.#numbers = new Float64Array(board, 0, ownAt / 2);
    this.words[at.next] = closed;
    this.#mayWait = mayWait(this.words);
  }

  /** Writes a job down, opens its turn, and wakes who sleeps; whether anyone did. */
  open(job: Job): boolean {
    this.#describe(job);
    Atomics.store(this.words, at.next, this.#turn << ticketBits);
    const asleep = Atomics.load(this.words, at.asleep) > 0;
    if (asleep) Atomics.notify(this.words, at.next);
    return asleep;
  }

  #describe({ module, function: index, tickets, size, units, args, own }: Job): void {
    const { words } = this;
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
  yield(start: number): void {
    while ((Atomics.load(this.words, at.next) & closed) === 0 && performance.now() - start < 3);
  }

  /** A ticket of this turn, −1 where all are taken. */
  take(tickets: number): number {
    for (;;) {
      const word = Atomics.load(this.words, at.next);
      const ticket = word & closed;
      if (ticket >= tickets) return -1;
      if (Atomics.compareExchange(this.words, at.next, word, word + 1) === word) return ticket;
    }
  }

  /** Ends the turn; the result is how many tickets were taken. */
  close(): number {
    this.#turn = (this.#turn + 1) & (0xffffffff >>> ticketBits);
    return Atomics.exchange(this.words, at.next, (this.#turn << ticketBits) | closed) & closed;
  }

  /**
   * Waits until workers have done what they took: a while by looking, then asleep where the host allows. The
   * result is about how many milliseconds; undefined where it is more than `patience`.
   */
  wait(tickets: number, patience: number): number | undefined {
    const { words } = this;
    let [looks, start] = [0, 0];
    while (Atomics.load(words, at.done) < tickets) {
      if (++looks % 64 !== 1) continue;
      const now = performance.now();
      start ||= now;
      if (now - start > patience) return undefined;
      if (!this.#mayWait || now - start < callerSpin) continue;
      Atomics.store(words, at.waits, 1);
      const done = Atomics.load(words, at.done);
      if (done < tickets) Atomics.wait(words, at.done, done, 20);
      Atomics.store(words, at.waits, 0);
    }
    return start === 0 ? 0 : performance.now() - start;
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
