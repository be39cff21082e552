// Which of our two binaries to load, and from where: bytes inlined by default, or whatever the caller
// gives. Relaxed SIMD (fused multiply-add) is used where the engine accepts it, never by its name.
import { SparseError } from '@lacuna/ir';
import { checkLeaf } from './leaf.js';
import { shareModule } from './poolmodule.js';

/** Where a binary comes from. */
export type WasmSource = Binary | WebAssembly.Module;
/** The bytes of a binary, or where they are. */
export type Binary = URL | string | Response | ArrayBuffer | Uint8Array;

/** Which instructions a binary uses. */
export type Variant = 'relaxed' | 'plain';

// (module (func (result v128) (f32x4.relaxed_madd …))): accepted where relaxed SIMD is.
// prettier-ignore
const probe = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65,
  2, 253, 15, 253, 128, 2, 11,
);

/** The binary for this host. */
export const bestVariant = (): Variant => (WebAssembly.validate(probe) ? 'relaxed' : 'plain');

/** Bytes of a binary from text: zipped, in base64. */
export async function inflated(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const characters = atob(text);
  const zipped = new Uint8Array(characters.length);
  for (let at = 0; at < zipped.length; at++) zipped[at] = characters.charCodeAt(at);
  // Node's streams for the web take tens of milliseconds to come up the first time.
  const zlib = globalThis.process?.getBuiltinModule?.('node:zlib');
  if (zlib) return new Uint8Array(zlib.gunzipSync(zipped));
  const bytes = new Blob([zipped]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(bytes).arrayBuffer());
}

/** A compiled module. */
export interface Compiled {
  readonly module: WebAssembly.Module;
  /** Whether threads may run it, each in an instance of its own. */
  readonly threads: boolean;
}

/** A module from any source, for a memory that threads share or one of its own. */
export function compileSource(
  source: WasmSource,
  name: string,
): (shared: boolean) => Promise<Compiled> {
  let bytes: Promise<Uint8Array<ArrayBuffer>> | undefined;
  return async (shared) => {
    if (!isModule(source)) return compileBytes(await (bytes ??= bytesOf(source)), name, shared);
    if (!shared) return { module: source, threads: false };
    throw new SparseError('unsupported', `${name} is compiled, and imports a memory of its own`, {
      hint: 'give its bytes, or { threads: 1 }',
    });
  };
}

/**
 * A module from bytes.
 *
 * @throws SparseError `plugin` for what is no leaf module, `unsupported` for what does not compile.
 */
export async function compileBytes(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  shared: boolean,
): Promise<Compiled> {
  checkLeaf(bytes, name);
  const fit = shared ? shareModule(bytes, name) : { bytes, threads: false };
  try {
    return { module: await WebAssembly.compile(fit.bytes), threads: fit.threads };
  } catch (cause) {
    throw new SparseError('unsupported', `this host cannot compile the module ${name}`, {
      cause,
      hint: 'use a host with WebAssembly SIMD: Node 20, or a browser of 2023 or later',
    });
  }
}

/**
 * One of our binaries, compiled once in a process: what V8 has optimised by running stays so for the next
 * engine.
 */
export function compileOurs(
  variant: Variant,
  bytes: () => Promise<Uint8Array<ArrayBuffer>>,
): (shared: boolean) => Promise<Compiled> {
  return (shared) => {
    const key = `${variant} ${shared}`;
    let compiled = ours.get(key);
    if (!compiled) {
      compiled = bytes().then((b) => compileBytes(b, `kernels/${variant}.wasm`, shared));
      ours.set(key, compiled);
      compiled.catch(() => ours.delete(key));
    }
    return compiled;
  };
}
const ours = new Map<string, Promise<Compiled>>();

/** By brand, since WebAssembly.Module has no members of its own for a type to tell it by. */
function isModule(source: WasmSource): source is WebAssembly.Module {
  return Object.prototype.toString.call(source) === '[object WebAssembly.Module]';
}

async function bytesOf(source: Binary): Promise<Uint8Array<ArrayBuffer>> {
  if (source instanceof Uint8Array) return source.slice();
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (typeof source === 'string' || source instanceof URL) return fetchBytes(source);
  return new Uint8Array(await source.arrayBuffer());
}

async function fetchBytes(source: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL(source, globalThis.location?.href);
  if (url.protocol === 'file:') {
    // Not import('node:fs'): bundlers for pages would try to resolve it.
    const { readFile } = process.getBuiltinModule('node:fs/promises');
    return new Uint8Array(await readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok)
    throw new SparseError('unsupported', `${url.href} answered ${response.status}`, {
      hint: 'serve the .wasm file there, or use the default entry, which inlines it',
    });
  return new Uint8Array(await response.arrayBuffer());
}
