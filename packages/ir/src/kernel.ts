// A kernel computes one op for operands in certain layouts on one backend. It names layout and op objects,
// never strings; what it needs before it can run (a prepared copy, scratch memory) it declares.
import type { DType } from './dtype.js';
import type { Epilogue } from './epilogue.js';
import type { Format, Layout, Shape } from './layout.js';
import type { Op } from './op.js';
import type { Pattern } from './pattern.js';
import type { Sparsifier } from './sparsifier.js';
import type { Tensor } from './tensor.js';

/** Words that a kernel derives of a pattern, such as its entries in another order: one function, one result. */
export type Derive = (pattern: Pattern) => Uint32Array;

/** A range of a backend's memory. Only its backend can say more about it. */
export interface Block {
  readonly bytes: number;
}

/** What is known of an operand before there is memory for it. */
export interface OperandType {
  readonly format: Format;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Stored values. */
  readonly stored: number;
  /** Fixed for the life of a plan, so that preparing it is paid once. */
  readonly constant: boolean;
  /** The pattern itself; absent for dense operands. */
  readonly pattern?: Pattern;
  /** `pattern` is a room: every run writes another pattern into it, and `stored` is the most that it holds. */
  readonly varies?: true;
}

/** What a kernel is asked to compute. */
export interface Signature {
  readonly op: Op;
  readonly attrs: object;
  readonly inputs: readonly (OperandType | undefined)[];
  readonly output: OperandType;
}

/** An operand with its memory. */
export interface Operand extends OperandType {
  readonly pattern: Pattern;
  /** The stored values; where the format names a codec, its bytes. */
  readonly values: Block;
  /** Structure bytes; absent for layouts that have none, and where a prepared copy replaces them. */
  readonly structure?: Block;
  /** The row-major index of each stored value, for kernels that ask for it. */
  readonly index?: Block;
  /** What the kernel derives of the operand's pattern. */
  readonly derived?: Block;
  /** The kernel's private form of a constant. */
  readonly prepared?: Block;
}

/** One use of a kernel, with all its memory. */
export interface Call {
  readonly op: Op;
  readonly attrs: object;
  readonly inputs: readonly (Operand | undefined)[];
  readonly output: Operand;
  readonly scratch?: Block;
  /** What to keep of the output; only where the kernel has said that it can do so. */
  readonly inline?: Sparsifier;
}

/** How fast a backend is, as measured when it came up. */
export interface Rates {
  /** Floating-point operations a second, at best. */
  readonly flops: number;
  /** Bytes a second, from the nearest memory that a panel lives in. */
  readonly bandwidth: number;
  /** Seconds to start a kernel. */
  readonly launch: number;
}

/** A kernel for one op and one combination of layouts. */
export interface Kernel {
  readonly name: string;
  /** Name of the backend that it runs on. */
  readonly backend: string;
  readonly op: Op;
  /** A layout for each input; missing ones and optional inputs are dense. */
  readonly takes: readonly Layout[];
  readonly gives: Layout;
  /** Whether it can do this; absent: whenever the layouts match. */
  when?(signature: Signature): boolean;
  /** The same bits on every machine and for any number of workers. */
  readonly exact: boolean;
  /** Whether it can apply a streaming sparsifier to outputs of a type as it makes them, to the bit. */
  inline?(how: Sparsifier, dtype: DType): boolean;
  /** Whether it can put outputs through an elementwise op as it makes them, to the bit. */
  epilogue?(last: Epilogue): boolean;
  /** Outputs may be computed in ranges of rows. */
  readonly split?: 'rows';
  /** Seconds, from the counts and the backend's rates. */
  cost?(signature: Signature, rates: Rates): number;
  /**
   * Inputs whose values it reads as a codec wrote them: their format names the codec. All others are given decoded,
   * and their format names none.
   */
  readonly codecs?: readonly number[];
  /** Operands whose flat index it reads, so that it works for any layout. */
  readonly index?: readonly (number | 'output')[];
  /** What it reads of an operand's pattern beside the structure; made once a pattern, and kept beside it. */
  readonly derive?: Partial<Readonly<Record<number | 'output', Derive>>>;
  /** Whether it takes patterns that every run finds in any layout, where it takes any: it reads the structure alone. */
  readonly varying?: boolean;
  /** Bytes of scratch memory. */
  scratch?(signature: Signature): number;
  /** Private bytes made of a constant input, used in its place; by input. */
  readonly prepare?: Readonly<Record<number, (tensor: Tensor, signature: Signature) => Uint8Array>>;
  /** Binds operands; what it returns computes the output, any number of times, without allocating. */
  launch(call: Call): () => void;
}
