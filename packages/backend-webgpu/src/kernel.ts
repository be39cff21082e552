// A kernel of this backend: launching says which programs run over which buffers, as plain data. The backend
// makes pipelines and bind groups of it once; running it appends dispatches, and allocates nothing.
import {
  roomBytes,
  type Call,
  type Kernel,
  type Layout,
  type Op,
  type Operand,
  type Rates,
  type Signature,
  type Tensor,
} from '@lacuna/ir';
import { takesInline } from './inline.js';
import { valueBytes } from './kernels/values.js';
import { GpuBlock } from './memory.js';
import type { Program } from './program.js';

/** A range of a block as a program sees it. */
export interface Binding {
  readonly block: GpuBlock;
  readonly bytes: number;
}

/** One run of a program. */
export interface Dispatch {
  readonly program: Program;
  readonly params: readonly number[];
  /** In the order of the program's buffers; undefined: an empty one, which the program does not read. */
  readonly buffers: readonly (Binding | undefined)[];
  readonly workgroups: readonly [number, number, number];
}

/** An operand as buffers. */
export interface WebgpuOperand {
  readonly operand: Operand;
  readonly values: Binding;
  readonly structure: Binding | undefined;
  readonly prepared: Binding | undefined;
  /** The row-major place of each stored value, where the kernel asks for it. */
  readonly index: Binding | undefined;
  /** What the kernel derives of its pattern. */
  readonly derived: Binding | undefined;
  /** Where a structure buffer starts, in 32-bit words of the structure: level index and role. */
  readonly word: (level: number, role: 'pos' | 'crd' | 'mask' | 'rank' | 'table') => number;
}

/** What a launch gets. */
export interface WebgpuCall<A extends object = object> {
  readonly attrs: A;
  readonly inputs: readonly (WebgpuOperand | undefined)[];
  readonly output: WebgpuOperand;
  /** A range of the scratch memory that the kernel asked for, from a byte on: a multiple of 256. */
  readonly scratch: (offset: number, bytes: number) => Binding;
  /** A binding of words that stay the same for as long as the kernel is bound. */
  readonly constant: (words: Uint32Array) => Binding;
  /** The most bytes that a binding may have: what is larger is bound in parts. */
  readonly most: number;
  /** Which of a kernel's variants was the fastest when the backend came up. */
  readonly tuning: Tuning;
}

/** What was measured when the backend came up. */
export interface Tuning {
  /** Whether dense tiles go through workgroup memory, which is for caches that a GPU has and a CPU has not. */
  readonly shared: boolean;
  /**
   * Threads of the device's smallest subgroup, where the lanes of subgroups are to share the rows of a product for one
   * position; 0: threads have rows of their own.
   */
  readonly subgroup: number;
}

/** What {@link webgpuKernel} is given. */
export interface WebgpuKernelSpec<A extends object> {
  readonly name: string;
  readonly op: Op<A>;
  readonly takes: readonly Layout[];
  readonly gives: Layout;
  readonly when?: (signature: Signature) => boolean;
  readonly cost?: (signature: Signature, rates: Rates) => number;
  readonly scratch?: (signature: Signature) => number;
  /** Inputs whose values it reads as a codec wrote them. */
  readonly codecs?: readonly number[];
  /** Whether it takes patterns that every run finds in any layout, where it takes any. */
  readonly varying?: boolean;
  /** Operands whose flat index it reads. */
  readonly index?: readonly (number | 'output')[];
  /** What it reads of an operand's pattern beside the structure; made once a pattern. */
  readonly derive?: NonNullable<Kernel['derive']>;
  readonly prepare?: Readonly<Record<number, (tensor: Tensor, signature: Signature) => Uint8Array>>;
  /** Elementwise ops that it takes along: all numbers that it makes go through `activate`, once. */
  readonly epilogue?: NonNullable<Kernel['epilogue']>;
  /** Whether each number of its output is final as it is written, so that it can be pruned there; default no. */
  readonly inline?: boolean;
  /** The same bits on every machine; default false, since compilers may fuse multiply and add. */
  readonly exact?: boolean;
  readonly launch: (call: WebgpuCall<A>) => readonly Dispatch[];
}

/** A kernel with its programs. */
export interface WebgpuKernel extends Kernel {
  readonly dispatches: (call: WebgpuCall) => readonly Dispatch[];
}

/** Defines a kernel for the WebGPU backend. */
export function webgpuKernel<A extends object>({
  launch,
  exact = false,
  inline = false,
  op,
  ...spec
}: WebgpuKernelSpec<A>): WebgpuKernel {
  return Object.freeze({
    ...spec,
    backend: 'webgpu',
    op,
    exact,
    ...(inline && { inline: takesInline }),
    dispatches: launch as (call: WebgpuCall) => readonly Dispatch[],
    // Only the backend has a device; it binds what `dispatches` says.
    launch: (call: Call) => {
      throw new TypeError(
        `kernel ${spec.name} was launched for ${call.op.opName} outside its backend`,
      );
    },
  });
}

/** A block as a binding of at least `bytes`. */
export function binding(block: GpuBlock, bytes: number): Binding {
  return { block, bytes };
}

/** Bytes of a binding from `offset` on, a multiple of 256. */
export function partOf({ block, bytes }: Binding, offset: number, size = bytes - offset): Binding {
  return binding(new GpuBlock(block.lease, block.offset + offset, size), size);
}

/** An operand as buffers. */
export function buffersOf(
  operand: Operand,
  own: (block: Operand['values']) => GpuBlock,
): WebgpuOperand {
  const { structure, prepared, pattern, stored, varies } = operand;
  const whole = (block: Operand['values'] | undefined, bytes?: number): Binding | undefined =>
    block && binding(own(block), bytes ?? block.bytes);
  return {
    operand,
    values: binding(own(operand.values), valueBytes(operand)),
    structure: whole(structure, varies ? roomBytes(pattern) : pattern.structure.byteLength),
    prepared: whole(prepared),
    index: whole(operand.index, stored * 4),
    derived: whole(operand.derived),
    word: (level, role) =>
      pattern.buffers.find((b) => b.level === level && b.role === role)!.offset / 4,
  };
}
