// The weights of a graph model: groups of shards, each holding numbers one after another, plain or quantised.
// Every size is known and summed before a shard is asked for, and each shard's bytes before a number is read.
import { fromFloat16, SparseError } from '@lacuna/ir';
import { corrupt, isCount, isRecord } from '../corrupt.js';
import type { Folded } from './value.js';

/** The bytes of all shards one after another, or a function that gives the shard at a path. */
export type Weights = Uint8Array | ((path: string) => Uint8Array | Promise<Uint8Array>);

interface Spec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  /** The type that the bytes have. */
  readonly stored: keyof typeof widths;
  readonly scale: number;
  readonly min: number;
  readonly size: number;
  readonly bytes: number;
}

interface Group {
  readonly paths: readonly string[];
  readonly specs: readonly Spec[];
  readonly bytes: number;
}

const widths = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 } as const;
const what = 'the weights manifest';

/**
 * Reads every weight.
 *
 * @throws SparseError `corrupt` where the manifest or a shard does not hold.
 */
export async function readWeights(
  manifest: unknown,
  weights: Weights,
  signal?: AbortSignal,
): Promise<Map<string, Folded>> {
  const groups = parseManifest(manifest);
  const found = new Map<string, Folded>();
  let at = 0;
  const total = groups.reduce((sum, { bytes }) => sum + bytes, 0);
  if (weights instanceof Uint8Array && weights.byteLength !== total)
    throw corrupt(what, `describes ${total} bytes, and ${weights.byteLength} were given`);
  for (const group of groups) {
    signal?.throwIfAborted();
    const bytes =
      weights instanceof Uint8Array
        ? weights.subarray(at, (at += group.bytes))
        : await loadGroup(group, weights, signal);
    let from = 0;
    for (const spec of group.specs)
      found.set(spec.name, decode(spec, bytes.subarray(from, (from += spec.bytes))));
  }
  return found;
}

async function loadGroup(
  { paths, bytes }: Group,
  load: Exclude<Weights, Uint8Array>,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const shards: Uint8Array[] = [];
  for (const path of paths) {
    signal?.throwIfAborted();
    try {
      shards.push(await load(path));
    } catch (cause) {
      throw new SparseError('corrupt', `the weight shard "${path}" could not be loaded`, {
        hint: 'put it beside model.json',
        cause,
      });
    }
  }
  const given = shards.reduce((sum, shard) => sum + shard.byteLength, 0);
  if (given !== bytes)
    throw corrupt(`shards ${paths.join(', ')}`, `have ${given} bytes, and ${bytes} are described`);
  const [only] = shards;
  if (shards.length === 1 && only) return only;
  const joined = new Uint8Array(bytes);
  let at = 0;
  for (const shard of shards) {
    joined.set(shard, at);
    at += shard.byteLength;
  }
  return joined;
}

function parseManifest(manifest: unknown): Group[] {
  if (!Array.isArray(manifest)) throw corrupt(what, 'is no list');
  const names = new Set<string>();
  return (manifest as readonly unknown[]).map((group) => {
    if (!isRecord(group)) throw corrupt(what, 'has a group that is no object');
    const { paths, weights } = group;
    if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string'))
      throw corrupt(what, 'has a group without paths');
    if (!Array.isArray(weights)) throw corrupt(what, 'has a group without weights');
    const specs = weights.map(parseSpec);
    for (const { name } of specs) {
      if (names.has(name)) throw corrupt(what, `has two weights called "${name}"`);
      names.add(name);
    }
    return { paths, specs, bytes: specs.reduce((sum, { bytes }) => sum + bytes, 0) };
  });
}

function parseSpec(item: unknown): Spec {
  if (!isRecord(item) || typeof item['name'] !== 'string')
    throw corrupt(what, 'has a weight without a name');
  const { name, shape, dtype, quantization } = item;
  const weight = `weight "${name}"`;
  if (!Array.isArray(shape) || !shape.every(isCount))
    throw corrupt(weight, `has the shape ${JSON.stringify(shape)}`);
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool')
    throw corrupt(weight, `has the dtype ${JSON.stringify(dtype)}, not float32, int32 or bool`);
  const code = isRecord(quantization) ? quantization : undefined;
  const stored = code ? code['dtype'] : dtype;
  if (
    typeof stored !== 'string' ||
    !Object.hasOwn(widths, stored) ||
    (code && widths[stored as Spec['stored']] > 2)
  )
    throw corrupt(
      weight,
      `is quantised to ${JSON.stringify(stored)}, not uint8, uint16 or float16`,
    );
  const scale = code?.['scale'] ?? 1;
  const min = code?.['min'] ?? 0;
  if (typeof scale !== 'number' || typeof min !== 'number' || !Number.isFinite(scale + min))
    throw corrupt(weight, 'has a scale or min that is no number');
  const size = shape.reduce((product: number, extent: number) => product * extent, 1);
  const bytes = size * widths[stored as Spec['stored']];
  if (!isCount(bytes)) throw corrupt(weight, `has the shape [${shape.join(', ')}]`);
  return { name, shape, dtype, stored: stored as Spec['stored'], scale, min, size, bytes };
}

/** float16 as it is; uint8 and uint16 as  q·scale + min; whole numbers rounded. */
function decode(spec: Spec, bytes: Uint8Array): Folded {
  const { name, shape, size, stored, scale, min } = spec;
  const integer = spec.dtype !== 'float32';
  const data = integer ? new Int32Array(size) : new Float32Array(size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = readers[stored];
  const quantised = stored === 'uint8' || stored === 'uint16';
  for (let i = 0; i < size; i++) {
    const number = read(view, i);
    const value = quantised ? number * scale + min : number;
    data[i] = integer ? Math.round(value) : value;
  }
  return { kind: 'folded', name, shape, data };
}

const readers: Readonly<Record<Spec['stored'], (view: DataView, i: number) => number>> = {
  float32: (view, i) => view.getFloat32(4 * i, true),
  int32: (view, i) => view.getInt32(4 * i, true),
  bool: (view, i) => view.getUint8(i),
  uint8: (view, i) => view.getUint8(i),
  uint16: (view, i) => view.getUint16(2 * i, true),
  float16: (view, i) => fromFloat16(view.getUint16(2 * i, true)),
};
