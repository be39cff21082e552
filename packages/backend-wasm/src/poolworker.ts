// Starting workers where the host has them: node:worker_threads, or Web Workers from inlined text. They
// never keep a process alive once they are up.
import { SparseError } from '@lacuna/ir';
import { worker as text } from './generated/worker.js';
import type { WorkerAnswer, WorkerMail, WorkerStart } from './poolboard.js';

/** A worker that has started. */
export interface PoolWorker {
  /** Sends a message; resolves when the worker is ready for jobs again. */
  post(message: WorkerMail | (WorkerMail & WorkerStart)): Promise<void>;
  end(): void;
}

/** Where a worker's code is: text by default. */
export type WorkerUrl = string | URL;

interface Host {
  /** Starts one; `gone` is called when it dies. */
  start(
    url: WorkerUrl | undefined,
    hear: (answer: WorkerAnswer) => void,
    gone: (why: unknown) => void,
  ): { post(message: object): void; rest(): void; end(): void };
}

const nodeThreads = () => globalThis.process?.getBuiltinModule?.('node:worker_threads');

const node: Host = {
  start(url, hear, gone) {
    const { Worker } = nodeThreads();
    // Loaders that the process was started with are of no use to it.
    const worker = url
      ? new Worker(new URL(url), { execArgv: [] })
      : new Worker(text, { eval: true, execArgv: [] });
    worker.on('message', hear);
    worker.on('error', gone);
    worker.on('exit', (code) => gone(`it ended with ${code}`));
    return {
      post: (message) => worker.postMessage(message, []),
      rest: () => worker.unref(),
      end: () => void worker.terminate(),
    };
  },
};

const page: Host = {
  start(url, hear, gone) {
    const blob = url ?? URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
    const worker = new Worker(blob, { type: 'module', name: 'lacuna' });
    worker.addEventListener('message', ({ data }) => {
      if (!url) URL.revokeObjectURL(String(blob));
      hear(data as WorkerAnswer);
    });
    worker.addEventListener('error', (event) =>
      gone(event.message || 'its code could not be loaded'),
    );
    return {
      post: (message) => worker.postMessage(message, []),
      rest: () => {},
      end: () => worker.terminate(),
    };
  },
};

/**
 * Starts a worker; `gone` is called when it dies after it came up.
 *
 * @throws SparseError `device-lost` where the host refuses it.
 */
export function startWorker(
  url: WorkerUrl | undefined,
  gone: (why: SparseError) => void,
): PoolWorker {
  // Answers come in the order of messages.
  const waiting: { resolve: () => void; reject: (why: SparseError) => void }[] = [];
  const fail = (why: unknown): void => {
    const error = lost(why);
    if (waiting.length === 0) gone(error);
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  const hear = (answer: WorkerAnswer): void => {
    if ('error' in answer) return fail(answer.error);
    waiting.shift()?.resolve();
    if (waiting.length === 0) worker.rest();
  };
  const host = nodeThreads() ? node : page;
  let worker: ReturnType<Host['start']>;
  try {
    worker = host.start(url, hear, fail);
  } catch (cause) {
    throw lost(cause);
  }
  return {
    post: (message) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        worker.post(message);
      }),
    end: () => worker.end(),
  };
}

/** The error of a pool that lost a worker. */
export function lost(cause: unknown): SparseError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SparseError('device-lost', `a worker of the WASM backend stopped: ${why}`, {
    cause,
    hint: 'create another engine, or one with { threads: 1 }; where a policy forbids blob: workers, serve the file @lacuna/backend-wasm/worker.js and pass its address as workerUrl',
  });
}
