// The same backend with its binaries as files beside the code, for bundlers that emit assets.
import { makeBackend, type WasmBackend, type WasmOptions } from './backend.js';
import { bestVariant, compileSource, type Variant, type WasmSource } from './module.js';

/** What {@link wasm} may be told. */
export interface ExternalOptions extends WasmOptions {
  /** Which binary to use; default relaxed SIMD where the host accepts it. */
  readonly variant?: Variant;
  /** Where the binary is; default beside this module. */
  readonly wasm?: WasmSource;
}

/** The WASM backend with its binary fetched from a file. */
export async function wasm({
  variant,
  wasm: source,
  ...options
}: ExternalOptions = {}): Promise<WasmBackend> {
  const chosen = variant ?? bestVariant();
  const file =
    chosen === 'relaxed'
      ? new URL('../wasm/relaxed.wasm', import.meta.url)
      : new URL('../wasm/plain.wasm', import.meta.url);
  const compile = compileSource(source ?? file, `kernels/${chosen}.wasm`);
  return makeBackend({ compile, variant: chosen }, options);
}
