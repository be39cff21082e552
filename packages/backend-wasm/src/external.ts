// The same backend with its binaries as files beside the code, for bundlers that emit assets.
import { makeBackend, type WasmBackend, type WasmOptions } from './backend.js';
import { chosenFamilies, type Family } from './families.js';
import { files } from './files.js';
import { bestVariant, compileSources, type Variant, type WasmSource } from './module.js';

/** What {@link wasm} may be told. */
export interface ExternalOptions extends WasmOptions {
  /** Which binaries to use; default relaxed SIMD where the host accepts it. */
  readonly variant?: Variant;
  /** Which families of kernels to fetch, the core among them in any case; default all. */
  readonly families?: readonly Family[];
  /** Where a family's binary is; default beside this module. */
  readonly wasm?: (family: Family) => WasmSource;
}

/** The WASM backend with its binaries fetched from files, all at once. */
export async function wasm({
  variant,
  families,
  wasm: source,
  ...options
}: ExternalOptions = {}): Promise<WasmBackend> {
  const chosen = variant ?? bestVariant();
  const loaded = chosenFamilies(families);
  const compile = compileSources(source ?? ((family) => files[chosen]()[family]), loaded);
  return makeBackend({ compile, variant: chosen, families: loaded }, options);
}
