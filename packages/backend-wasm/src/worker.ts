// A worker of a pool. It is bundled into text (scripts/build-worker.mjs) and started from it, or served as
// a file where a page's policy forbids that. Between messages it never returns to its event loop: it watches
// the board, takes tickets, and sleeps on the board when nothing came for a while.
import {
  at,
  closed,
  numbersAt,
  ownAt,
  ticketBits,
  type WorkerAnswer,
  type WorkerMail,
  type WorkerStart,
} from './poolboard.js';

type Kernel = (...args: readonly number[]) => number;

/** What a host gives a worker to talk with. */
interface Port {
  readonly answer: (message: WorkerAnswer) => void;
  readonly listen: (hear: (message: WorkerStart & WorkerMail) => void) => void;
}

function port(): Port {
  const node = globalThis.process?.getBuiltinModule?.('node:worker_threads');
  if (node?.parentPort) {
    const { parentPort } = node;
    return {
      answer: (message) => parentPort.postMessage(message, []),
      listen: (hear) => void parentPort.on('message', hear),
    };
  }
  return {
    answer: (message) => globalThis.postMessage(message, {}),
    listen: (hear) =>
      globalThis.addEventListener('message', ({ data }) => hear(data as WorkerStart & WorkerMail)),
  };
}

/** Functions of every module, in the order of their exports. */
const functions: Kernel[][] = [];
let told: WorkerStart;
let words: Int32Array;
let numbers: Float64Array;
/** Messages after the first, as the board counts them: what it counts beyond these is on its way. */
let read = 0;

const { answer, listen } = port();
listen((message) => {
  try {
    if ('board' in message) {
      told = message;
      words = new Int32Array(told.board);
      numbers = new Float64Array(told.board, 0, ownAt / 2);
    } else read++;
    message.modules.forEach(add);
  } catch (error) {
    answer({ error: String(error) });
    return;
  }
  answer({ ready: told.thread });
  serve();
});

function add(module: WebAssembly.Module): void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory: told.memory } });
  const stack = exports['__stack_pointer'];
  if (stack instanceof WebAssembly.Global) stack.value = told.stack;
  functions.push(WebAssembly.Module.exports(module).map(({ name }) => exports[name] as Kernel));
}

/** Milliseconds of a short sleep, so that another thread may run. */
const yielding = 0.05;

/** Does jobs until the board says that there is a message to read. */
function serve(): void {
  let [last, since, looks] = [-1, performance.now(), 0];
  for (;;) {
    const word = Atomics.load(words, at.next);
    if (word >>> ticketBits !== last && (word & closed) !== closed) {
      last = word >>> ticketBits;
      const all = help(last);
      // The caller took no ticket: it may be waiting for this very core.
      if (all) Atomics.wait(words, at.next, Atomics.load(words, at.next), yielding);
      [since, looks] = [performance.now(), 0];
    } else if (Atomics.load(words, at.command) !== read) {
      return;
    } else if (++looks % 64 === 0 && performance.now() - since > told.spin) {
      Atomics.add(words, at.asleep, 1);
      Atomics.wait(words, at.next, word);
      Atomics.sub(words, at.asleep, 1);
      since = performance.now();
    }
  }
}

/** Takes tickets of a turn until there are none; whether it took all. */
function help(turn: number): boolean {
  const kernel = functions[words[at.module]!]?.[words[at.function]!];
  const [tickets, size, units] = [words[at.tickets]!, words[at.size]!, words[at.units]!];
  const args = Array.from(numbers.subarray(numbersAt, numbersAt + words[at.arguments]!));
  const own = words[at.own]!;
  if (own >= 0) args[own] = words[ownAt + told.thread]! >>> 0;
  let done = 0;
  for (;;) {
    const word = Atomics.load(words, at.next);
    const ticket = word & closed;
    if (word >>> ticketBits !== turn || ticket >= tickets) break;
    if (Atomics.compareExchange(words, at.next, word, word + 1) !== word) continue;
    try {
      kernel!(ticket * size, Math.min(units, (ticket + 1) * size), ...args);
    } catch {
      Atomics.store(words, at.failed, 1 + told.thread);
    }
    done++;
  }
  if (done === 0) return false;
  Atomics.add(words, at.done, done);
  if (Atomics.load(words, at.waits) !== 0) Atomics.notify(words, at.done);
  return done === tickets;
}
