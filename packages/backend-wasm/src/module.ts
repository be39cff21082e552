// Which of our binaries to load, and from where: bytes inlined by default, or whatever the caller gives. Relaxed
// SIMD (fused multiply-add) is used where the engine accepts it, never by its name.
import { SparseError } from '@lacuna/ir';
import { families, type Family } from './families.js';
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

/** Our binaries, one a family, for a memory that threads share or for one of its own; the core is the first. */
export type Compile = (shared: boolean) => Promise<readonly WebAssembly.Module[]>;

/** Binaries from any source. */
export function compileSources(
  source: (family: Family) => WasmSource,
  chosen: readonly Family[],
): Compile {
  const bytes = new Map<Family, Promise<Uint8Array<ArrayBuffer>>>();
  const one = async (family: Family, shared: boolean): Promise<WebAssembly.Module> => {
    const [from, name] = [source(family), `the kernels of ${family}`];
    if (!isModule(from)) {
      if (!bytes.has(family)) bytes.set(family, bytesOf(from));
      return (await compileBytes(await bytes.get(family)!, name, shared)).module;
    }
    if (!shared) return from;
    throw new SparseError('unsupported', `${name} are compiled, and import a memory of their own`, {
      hint: 'give their bytes, or { threads: 1 }',
    });
  };
  return (shared) => Promise.all(chosen.map((family) => one(family, shared)));
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
 * Our binaries from bytes, compiled once in a process: what V8 has optimised by running stays so for the next engine.
 */
export function compileOurs(
  variant: Variant,
  bytes: (family: Family) => Promise<Uint8Array<ArrayBuffer>>,
  chosen: readonly Family[] = families,
): Compile {
  const one = (family: Family, shared: boolean): Promise<WebAssembly.Module> => {
    const [name, key] = [`${variant}/${family}.wasm`, `${variant} ${family} ${shared}`];
    let compiled = ours.get(key);
    if (!compiled) {
      compiled = bytes(family)
        .then((b) => compileBytes(b, name, shared))
        .then(({ module }) => module);
      ours.set(key, compiled);
      compiled.catch(() => ours.delete(key));
    }
    return compiled;
  };
  return (shared) => Promise.all(chosen.map((family) => one(family, shared)));
}
const ours = new Map<string, Promise<WebAssembly.Module>>();

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
