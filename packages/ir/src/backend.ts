// A backend is memory and kernels on one device. Its duty: a dense kernel for every built-in op, and
// scatter and gather, so that any layout can run without leaving the device.
import type { Block, Call, Kernel, Operand, Rates } from './kernel.js';
import type { Format } from './layout.js';
import type { Pattern } from './pattern.js';

/** Memory that a backend hands out in blocks. */
export interface Memory {
  /** Bytes in use now. */
  readonly used: number;
  /** The most bytes that may be in use. */
  readonly limit: number;
  /**
   * A block of at least `bytes`, not cleared.
   *
   * @throws SparseError `capacity` where there is no room; nothing has changed then.
   */
  alloc(bytes: number): Block;
  free(block: Block): void;
  /** A number that blocks over the same bytes share, so that a binding may serve again; absent: none do. */
  place?(block: Block): number;
  /**
   * Kernels may not read and write one block, so that values which live together need a block each; absent:
   * they may be ranges of one.
   */
  readonly separate?: boolean;
  /** A range of a block as a block of its own, which is not freed. */
  part(block: Block, offset: number, bytes: number): Block;
  write(block: Block, bytes: ArrayBufferView): void;
  /** Copies the first bytes of one block to another, in the order of what was launched. */
  copy(from: Block, to: Block, bytes: number): void;
  read(block: Block, bytes: number): Promise<Uint8Array<ArrayBuffer>>;
  /** The bytes themselves where memory is the host's: valid until the next alloc. */
  view?(block: Block): Uint8Array;
}

/** A kernel with its memory: computes the output, any number of times. */
export interface Bound {
  (): void;
  /** Gives back what binding took beside memory, when it is not run again; absent: nothing. */
  release?(): void;
}

/** What a change of layout has made: a pattern, and blocks of its own. */
export interface Changed {
  readonly pattern: Pattern;
  /** Structure bytes; absent for layouts that have none. */
  readonly structure?: Block;
  readonly values: Block;
}

/** A device with its memory and kernels. */
export interface Backend {
  readonly name: string;
  /** Why this backend came up as it did, in one line: variant, threads, what was missing. */
  readonly about: string;
  readonly rates: Rates;
  readonly memory: Memory;
  readonly kernels: readonly Kernel[];
  /** Formats of matrices that hold every number, in which kernels may read and write values of a plan. */
  readonly packed?: readonly Format[];
  /** Makes kernels of plug-ins ready, such as by compiling their modules. */
  load(kernels: readonly Kernel[]): Promise<void>;
  /** Binds a kernel to its memory; the result runs it, or appends it to what `submit` sends. */
  bind(kernel: Kernel, call: Call): Bound;
  /**
   * The same numbers in another layout, made in its own memory; undefined for changes that it leaves to the host.
   *
   * @throws SparseError `capacity` where the result does not fit; nothing has changed then.
   */
  change?(from: Operand, to: Format): Changed | undefined;
  /** Resolves when what was bound can be launched without waiting, as for shaders that are compiled. */
  ready?(): Promise<void>;
  /** Sends what was launched since the last call to the device; absent where launching computes. */
  submit?(): void;
  /** Sends what was launched and resolves when it is done; absent where launching computes. */
  finish?(): Promise<void>;
  dispose(): void;
}
