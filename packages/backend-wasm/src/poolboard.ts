// The board of a pool: shared words through which the caller and its workers talk, without messages.
//
//   next    turn (22 bits) | ticket (10 bits)     taking a ticket is adding one, while the turn is the same
//   done    tickets that workers have finished in this turn
//   asleep  workers that wait to be notified      command  counts messages after the first
//   waits   the caller sleeps until done changes  failed   1 + the worker whose kernel threw
//   job     module, function, tickets, units a ticket, units, arguments, which of them is scratch of one's own
//
// A worker reads the job before it takes a ticket. The job is rewritten only while the ticket is `closed`,
// and a ticket is had only from the turn that was read, so that what was read is the job that is done.

/** Bits of a ticket in the word `next`. */
export const ticketBits = 10;
/** The most tickets that a job may have. */
export const mostTickets = 1000;
/** The ticket that says: no job. */
export const closed = 2 ** ticketBits - 1;

/** Where words are, in 32-bit words; each that threads fight for has a cache line of its own. */
export const at = {
  next: 0,
  done: 16,
  asleep: 32,
  command: 48,
  waits: 64,
  failed: 80,
  module: 96,
  function: 97,
  tickets: 98,
  size: 99,
  units: 100,
  arguments: 101,
  /** Index of the argument that is the thread's own scratch, −1 for none. */
  own: 102,
} as const;

/** Where the arguments are, in doubles, and how many a job may have. */
export const numbersAt = 64;
export const mostArguments = 48;
/** Where each thread's own scratch pointer is, in 32-bit words. */
export const ownAt = 2 * (numbersAt + mostArguments);

/** Bytes of a board for this many threads. */
export const boardBytes = (threads: number): number => 4 * (ownAt + threads);

/** What a worker is told when it starts, and in later mail. */
export interface WorkerStart {
  readonly board: SharedArrayBuffer;
  readonly memory: WebAssembly.Memory;
  readonly thread: number;
  /** The top of the thread's stack. */
  readonly stack: number;
  /** Milliseconds to spin before sleeping. */
  readonly spin: number;
}
/** Modules that jobs may name by the order of their arrival. */
export interface WorkerMail {
  readonly modules: readonly WebAssembly.Module[];
}
/** What a worker answers, each time it is ready for jobs. */
export type WorkerAnswer = { readonly ready: number } | { readonly error: string };
