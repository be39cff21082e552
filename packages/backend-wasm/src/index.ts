import { makeBackend, type WasmBackend, type WasmOptions } from './backend.js';
import { plain } from './generated/plain.js';
import { relaxed } from './generated/relaxed.js';
import {
  bestVariant,
  compileOurs,
  compileSource,
  inflated,
  type Variant,
  type WasmSource,
} from './module.js';

export { Arena, type ArenaOptions, type WasmBlock } from './memory.js';
export { checkLeaf } from './leaf.js';
export {
  wasmKernel,
  type Exports,
  type Launch,
  type Stage,
  type WasmCall,
  type WasmKernel,
  type WasmKernelSpec,
  type WasmOperand,
} from './kernel.js';
export { kernels } from './kernels/index.js';
export { WasmBackend, type ThreadReport, type WasmOptions } from './backend.js';
export type { Pool } from './pool.js';
export type { Binary, Variant, WasmSource } from './module.js';
export type { WorkerUrl } from './poolworker.js';

/** What {@link wasm} may be told. */
export interface InlineOptions extends WasmOptions {
  /** Which binary to use; default relaxed SIMD where the host accepts it. */
  readonly variant?: Variant;
  /** A binary to use in place of the inlined ones. */
  readonly wasm?: WasmSource;
}

/**
 * The WASM backend with its binaries inlined, so that no file need be found or fetched.
 *
 * @throws SparseError `unsupported` where the host has no WebAssembly SIMD.
 * @example
 * ```ts
 * import { wasm } from '@lacuna/backend-wasm';
 * const backend = await wasm();
 * backend.name; // 'wasm'
 * backend.dispose();
 * ```
 */
export async function wasm({
  variant,
  wasm: source,
  ...options
}: InlineOptions = {}): Promise<WasmBackend> {
  const chosen = variant ?? bestVariant();
  const compile = source
    ? compileSource(source, 'given as options.wasm')
    : compileOurs(chosen, () => inflated(chosen === 'relaxed' ? relaxed : plain));
  return makeBackend({ compile, variant: chosen }, options);
}
