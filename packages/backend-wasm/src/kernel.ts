// A kernel of this backend: a function of a WASM module, and how to call it. Launching binds pointers once;
// what it returns says which calls to make, any number of times, without allocating.
import {
  bufferSpec,
  dense,
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
import type { WasmBlock } from './memory.js';

/** The functions that a module exports. */
export type Exports = Readonly<Record<string, (...args: readonly number[]) => number>>;

/**
 * A call `name(begin, end, ...args)` of an export over outputs, which threads may cut as they like: the bits
 * are the same however it is cut. Plain data, since closures do not reach other threads.
 */
export interface Stage {
  readonly name: string;
  /** Outputs, in the unit that the export counts. */
  readonly units: number;
  readonly args: readonly number[];
  /** Multiply-adds at the best rate that it is worth; small work stays on the caller's thread. */
  readonly work: number;
  /** Units that a cut is best a multiple of, such as the rows of a tile; default 1. */
  readonly grain?: number;
  /** Which of `args` is scratch that every thread needs for itself, and its bytes. */
  readonly own?: { readonly arg: number; readonly bytes: number };
}

/** What a launch makes: stages, run one after another, or a function, which the caller's thread runs. */
export type Launch = readonly Stage[] | (() => void);

/** An operand's pointers. */
export interface WasmOperand {
  readonly operand: Operand;
  /** Pointer to the values. */
  readonly values: number;
  /** Pointer to the kernel's prepared form, 0 where there is none. */
  readonly prepared: number;
  /** Pointer to what the kernel derives of the pattern, 0 where it derives nothing. */
  readonly derived: number;
  /** Pointer to the flat index (u32 a stored value), where the kernel asked for it. */
  readonly index: number;
  /** Pointer to a structure buffer: level index and role. */
  readonly buffer: (level: number, role: 'pos' | 'crd' | 'mask' | 'rank' | 'table') => number;
}

/** What a launch gets. */
export interface WasmCall<A extends object = object> {
  readonly exports: Exports;
  readonly attrs: A;
  readonly inputs: readonly (WasmOperand | undefined)[];
  readonly output: WasmOperand;
  /** Pointer to the scratch memory that the kernel asked for. */
  readonly scratch: number;
  /** What runs stages on all threads, for launches that look at what some have made before they go on. */
  readonly bind: (stages: readonly Stage[]) => () => void;
}

/** What {@link wasmKernel} is given. */
export interface WasmKernelSpec<A extends object> {
  readonly name: string;
  readonly op: Op<A>;
  readonly takes: readonly Layout[];
  readonly gives: Layout;
  /** Bytes of a leaf module of one's own; absent: the backend's. */
  readonly module?: Uint8Array;
  readonly when?: (signature: Signature) => boolean;
  readonly cost?: (signature: Signature, rates: Rates) => number;
  readonly scratch?: (signature: Signature) => number;
  readonly index?: readonly (number | 'output')[];
  readonly derive?: NonNullable<Kernel['derive']>;
  readonly prepare?: Readonly<Record<number, (tensor: Tensor, signature: Signature) => Uint8Array>>;
  /** The same bits on every machine; default false, since fused multiply-adds differ. */
  readonly exact?: boolean;
  readonly launch: (call: WasmCall<A>) => Launch;
}

/** A kernel with its module. */
export interface WasmKernel extends Kernel {
  readonly module?: Uint8Array;
  readonly bind: (call: WasmCall) => Launch;
}

/** Defines a kernel for the WASM backend. */
export function wasmKernel<A extends object>({
  launch,
  exact = false,
  op,
  ...spec
}: WasmKernelSpec<A>): WasmKernel {
  const bind = launch as (call: WasmCall) => Launch;
  return Object.freeze({
    ...spec,
    backend: 'wasm',
    op,
    exact,
    split: 'rows' as const,
    ...(spec.gives === dense && { inline: takesInline }),
    bind,
    // Only the backend knows the module's exports; it calls `bind` with them.
    launch: (call: Call) => {
      throw new TypeError(
        `kernel ${spec.name} was launched for ${call.op.opName} outside its backend`,
      );
    },
  });
}

/** An operand as pointers. */
export function pointers(operand: Operand): WasmOperand {
  const { offset } = operand.values as WasmBlock;
  const structure = operand.structure as WasmBlock | undefined;
  return {
    operand,
    values: offset,
    prepared: (operand.prepared as WasmBlock | undefined)?.offset ?? 0,
    derived: (operand.derived as WasmBlock | undefined)?.offset ?? 0,
    index: (operand.index as WasmBlock | undefined)?.offset ?? 0,
    // An empty structure has no block; nothing is read there.
    buffer: (level, role) =>
      (structure?.offset ?? 0) + bufferSpec(operand.pattern, level, role).offset,
  };
}
