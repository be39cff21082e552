// A safetensors file as tensors: plain entries are dense, described ones have their layout back.
import {
  densePattern,
  encodedTensor,
  makeTensor,
  parseCodec,
  restore,
  SparseError,
  valueCount,
  type Descriptor,
  type Layout,
  type Pattern,
  type Tensor,
} from '@lacuna/ir';
import { layouts as ours } from '@lacuna/layouts';
import { corrupt } from '../corrupt.js';
import { readHeader, type Entry, type Header } from './header.js';
import { levelsKey, parseLevels } from './levels.js';
import { decode } from './types.js';

/** How a file is read. */
export interface SafetensorsOptions {
  /**
   * Layouts to recognise by name; default all that come with Lacuna. One that is not among them is made
   * from the level tree in the file, and serves as well.
   */
  readonly layouts?: Iterable<Layout>;
  /** Which tensors to load; absent: all. */
  readonly only?: (name: string) => boolean;
}

/** What a file holds. */
export interface Safetensors {
  readonly tensors: Map<string, Tensor>;
  /** The file's metadata, without the key that describes layouts. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a safetensors file. Values are views of `bytes` where they are aligned, so leave `bytes` alone
 * while the tensors are in use.
 *
 * @throws SparseError `corrupt` where anything in the file does not fit, before anything is allocated;
 * `unsupported` for a type of numbers that has no place here.
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { readSafetensors, writeSafetensors } from '@lacuna/io';
 * const bytes = writeSafetensors({ w: assemble(dense(), [2], [1, 2]) }, { made: 'here' });
 * const { tensors, metadata } = readSafetensors(bytes);
 * tensors.get('w')!.toString(); // 'dense [2] float32, 2 stored'
 * metadata['made']; // 'here'
 * ```
 */
export function readSafetensors(bytes: Uint8Array, options: SafetensorsOptions = {}): Safetensors {
  const header = readHeader(bytes);
  const layouts = [...(options.layouts ?? ours)];
  const only = options.only ?? (() => true);
  const described = descriptors(header);
  const parts = new Set([...described.keys()].flatMap((n) => [`${n}.values`, `${n}.structure`]));
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of header.entries) {
    if (parts.has(name) || !only(name)) continue;
    if (described.has(name)) throw corrupt(`tensor "${name}"`, 'is both an entry and described');
    const { dtype, values } = decode(name, entry.type, entry.bytes);
    tensors.set(name, makeTensor(densePattern(entry.shape), dtype, values));
  }
  for (const [name, descriptor] of described)
    if (only(name)) tensors.set(name, sparse(name, descriptor, header.entries, layouts));
  const metadata = [...header.metadata].filter(([key]) => key !== levelsKey);
  return { tensors, metadata: Object.fromEntries(metadata) };
}

function descriptors({ entries, metadata }: Header): Map<string, Descriptor> {
  const text = metadata.get(levelsKey);
  if (text === undefined) return new Map();
  return parseLevels(text, (entry) => entries.get(entry)?.bytes.byteLength);
}

function sparse(
  name: string,
  descriptor: Descriptor,
  entries: ReadonlyMap<string, Entry>,
  layouts: readonly Layout[],
): Tensor {
  const given = entries.get(`${name}.values`);
  const structure = entries.get(`${name}.structure`);
  if (!given) throw corrupt(`tensor "${name}"`, 'has no values');
  if (structure && structure.type !== 'U8')
    throw corrupt(`entry "${name}.structure"`, `holds ${structure.type}, not U8`);
  const pattern = (): Pattern =>
    rebuild(name, () => restore(descriptor, structure?.bytes ?? new Uint8Array(), layouts));
  if (descriptor.codec !== undefined) return coded(name, descriptor, given, pattern());
  const { dtype, values } = decode(name, given.type, given.bytes);
  if (dtype !== descriptor.dtype)
    throw corrupt(`tensor "${name}"`, `is described as ${descriptor.dtype}, and holds ${dtype}`);
  if (values.length !== (descriptor.positions.at(-1) ?? 1))
    throw corrupt(
      `tensor "${name}"`,
      `has ${values.length} values, and its description ${descriptor.positions.at(-1) ?? 1}`,
    );
  const made = pattern();
  if (valueCount(made) !== values.length)
    throw corrupt(`tensor "${name}"`, `stores ${valueCount(made)} values, not ${values.length}`);
  return makeTensor(made, dtype, values);
}

/** A tensor whose values are a codec's bytes. */
function coded(
  name: string,
  { codec = '', dtype }: Descriptor,
  { type, bytes }: Entry,
  pattern: Pattern,
): Tensor {
  if (dtype !== 'float32')
    throw corrupt(`tensor "${name}"`, `is described as ${dtype}, and a codec reads as float32`);
  if (type !== 'U8') throw corrupt(`entry "${name}.values"`, `holds ${type}, not U8`);
  return rebuild(name, () => encodedTensor(pattern, { codec: parseCodec(codec), bytes }));
}

/** What is wrong with a description is wrong with the file, whatever the level or shape rule says. */
function rebuild<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof SparseError) || cause.code === 'corrupt') throw cause;
    throw corrupt(`tensor "${name}"`, `has a description that does not hold: ${cause.message}`);
  }
}
