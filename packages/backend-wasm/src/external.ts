// The same backend with its binaries as files beside the code, for bundlers that emit assets.
import { makeBackend, type WasmBackend, type WasmOptions } from './backend.js';
import { compileSource, type Variant, type WasmSource } from './module.js';

/** What {@link wasm} may be told. */
export interface ExternalOptions extends WasmOptions {
  /** Which binary to use; default relaxed SIMD where the host accepts it. */
  readonly variant?: Variant;
  /** Where the binary is; default beside this module. */
  readonly wasm?: WasmSource;
}

// (module (func (result v128) (f32x4.relaxed_madd …))): accepted where relaxed SIMD is.
// prettier-ignore
const probe = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65,
  2, 253, 15, 253, 128, 2, 11,
);

/** The WASM backend with its binary fetched from a file. */
export async function wasm({
  variant,
  wasm: source,
  ...options
}: ExternalOptions = {}): Promise<WasmBackend> {
  const chosen = variant ?? (WebAssembly.validate(probe) ? 'relaxed' : 'plain');
  const file =
    chosen === 'relaxed'
      ? new URL('../wasm/relaxed.wasm', import.meta.url)
      : new URL('../wasm/plain.wasm', import.meta.url);
  const compile = compileSource(source ?? file, `kernels/${chosen}.wasm`);
  return makeBackend({ compile, variant: chosen }, options);
}
