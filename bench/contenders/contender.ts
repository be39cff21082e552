// A contender is a library with the weights of a race as constants, ready to be called over and over.
import type { Graph } from '@lacuna/lacuna';
import type { Counts } from '../gpu/counts.js';
import type { Runner } from '../race.js';
import type { Input, Weights } from '../problem.js';

/** A contender that is ready. */
export interface Contender extends Runner {
  /** Y [M, N], row-major, of the last call. */
  readonly result: () => Promise<ArrayLike<number>> | ArrayLike<number>;
  /** The numbers that it rounds W and X to, and what else Y may be off by, where it quantises. */
  readonly stands?: { readonly w: Float32Array; readonly x: Float32Array; readonly slack: number };
  /** The kernel that was chosen, of ours. */
  readonly kernel?: string;
  /** What a call costs a GPU, of ours. */
  readonly counts?: Counts;
  /** Threads that it runs on; default one. */
  readonly threads?: number;
  /** Gives its memory back. */
  readonly dispose?: () => unknown;
}

/** Makes a contender for weights and an input, to run on as many threads as it can, up to `threads`. */
export type Make = (
  weights: Weights,
  input: Input,
  threads: number,
) => Contender | Promise<Contender>;

/** A library that we are measured against. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  readonly role: 'dense peer' | 'sparse peer' | 'int8 peer';
  /** Why it cannot run in this host. */
  readonly absent?: string;
  readonly make: Make;
}

/** A network with an image, ready to be run over and over. */
export interface RunningNetwork extends Runner {
  readonly threads: number;
  /** Outputs of a run, by name. */
  readonly outputs: () => Promise<Readonly<Record<string, ArrayLike<number>>>>;
  readonly dispose: () => void;
}

/** A library that whole networks are run in. */
export interface NetworkPeer {
  readonly name: string;
  /** Why it cannot run in this host. */
  readonly absent?: string;
  readonly make: (graph: Graph, image: Float32Array, threads: number) => Promise<RunningNetwork>;
}

/** `[rows, columns]` turned. */
export function transpose(numbers: ArrayLike<number>, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) turned[c * rows + r] = numbers[r * columns + c]!;
  return turned;
}

/** A peer that this host cannot run. */
export function absentHere(name: string, version: string, absent: string): Peer & NetworkPeer {
  const make = (): never => {
    throw new Error(absent);
  };
  return { name, version, role: 'dense peer', absent, make };
}
