// Tensors as a safetensors file. Entries go widest numbers first, so that each is aligned, then by name: the
// same tensors give the same bytes.
import {
  byteWidth,
  describe,
  isDense,
  SparseError,
  type Descriptor,
  type Tensor,
} from '@lacuna/ir';
import { levelsKey, printLevels } from './levels.js';
import { nameOf } from './types.js';

interface Part {
  readonly name: string;
  readonly dtype: string;
  readonly width: number;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/**
 * Writes tensors of the host. Sparse ones keep their layout, and values their codec: `<name>.values`, `<name>.structure` and the
 * level tree in the metadata, from which any later reader rebuilds them.
 *
 * @throws SparseError `format` where two entries would have one name; `home` for tensors of an engine.
 * @example
 * ```ts
 * import { assemble } from '@lacuna/ir';
 * import { csr } from '@lacuna/layouts';
 * import { readSafetensors, writeSafetensors } from '@lacuna/io';
 * const bytes = writeSafetensors({ w: assemble(csr, [2, 3], [0, 5, 0, 0, 0, 7]) });
 * readSafetensors(bytes).tensors.get('w')!.toString(); // 'csr [2, 3] float32, 2 stored'
 * ```
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const named = tensors instanceof Map ? [...tensors] : Object.entries(tensors);
  const described: Record<string, Descriptor> = Object.create(null);
  const parts = named.flatMap(([name, tensor]) => partsOf(name, tensor, described));
  parts.sort((a, b) => b.width - a.width || (a.name < b.name ? -1 : 1));
  checkNames(parts, metadata);
  const about = { ...metadata };
  if (Object.keys(described).length > 0) about[levelsKey] = printLevels(described);
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(about).length > 0) header['__metadata__'] = about;
  let at = 0;
  for (const { name, dtype, shape, bytes } of parts)
    header[name] = { dtype, shape, data_offsets: [at, (at += bytes.byteLength)] };
  return join(JSON.stringify(header), parts);
}

function partsOf(name: string, tensor: Tensor, described: Record<string, Descriptor>): Part[] {
  const part = valuesOf(name, tensor);
  if (isDense(tensor.format) && !tensor.codec) return [part];
  described[name] = describe(tensor);
  const { structure } = tensor.pattern;
  const stored: Part = {
    ...part,
    name: `${name}.values`,
    shape: [part.bytes.byteLength / part.width],
  };
  if (structure.byteLength === 0) return [stored];
  const shape = [structure.byteLength];
  return [stored, { name: `${name}.structure`, dtype: 'U8', width: 1, shape, bytes: structure }];
}

/** The numbers of a tensor, or the bytes that its codec wrote. */
function valuesOf(name: string, tensor: Tensor): Part {
  const { encoded } = tensor.storage;
  if (encoded)
    return { name, dtype: 'U8', width: 1, shape: [encoded.bytes.byteLength], bytes: encoded.bytes };
  const { values, dtype } = tensor;
  return {
    name,
    dtype: nameOf[dtype],
    width: byteWidth(dtype),
    shape: tensor.shape,
    bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
}

function checkNames(parts: readonly Part[], metadata: Readonly<Record<string, string>>): void {
  const seen = new Set(['__metadata__']);
  for (const { name } of parts) {
    if (seen.has(name))
      throw new SparseError('format', `two entries of the file would be called "${name}"`, {
        hint: 'rename one of the tensors',
      });
    seen.add(name);
  }
  if (Object.hasOwn(metadata, levelsKey))
    throw new SparseError('format', `metadata "${levelsKey}" describes layouts`, {
      hint: 'use another key',
    });
}

function join(header: string, parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header);
  const start = 8 + Math.ceil(text.byteLength / 8) * 8;
  const file = new Uint8Array(start + parts.reduce((n, { bytes }) => n + bytes.byteLength, 0));
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.fill(0x20, 8, start);
  file.set(text, 8);
  let at = start;
  for (const { bytes } of parts) {
    file.set(bytes, at);
    at += bytes.byteLength;
  }
  return file;
}
