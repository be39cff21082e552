import { makeBackend, type WasmBackend, type WasmOptions } from './backend.js';
import { chosenFamilies, type Family } from './families.js';
import { plain } from './generated/plain.js';
import { relaxed } from './generated/relaxed.js';
import {
  bestVariant,
  compileOurs,
  compileSources,
  inflated,
  type Variant,
  type WasmSource,
} from './module.js';

export { Arena, type ArenaOptions, type WasmBlock } from './memory.js';
export { families, type Family } from './families.js';
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
  /** Which binaries to use; default relaxed SIMD where the host accepts it. */
  readonly variant?: Variant;
  /** Which families of kernels to load, the core among them in any case; default all. */
  readonly families?: readonly Family[];
  /** The binary of a family to use in place of the inlined one. */
  readonly wasm?: (family: Family) => WasmSource;
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
  families,
  wasm: source,
  ...options
}: InlineOptions = {}): Promise<WasmBackend> {
  const chosen = variant ?? bestVariant();
  const loaded = chosenFamilies(families);
  const texts = chosen === 'relaxed' ? relaxed : plain;
  const compile = source
    ? compileSources(source, loaded)
    : compileOurs(chosen, (family) => inflated(texts[family]), loaded);
  return makeBackend({ compile, variant: chosen, families: loaded }, options);
}
