// The header of a safetensors file, read as an enemy wrote it: every size, offset, type and shape is checked
// against the file before anything is allocated for a tensor.
//
//   u64 length | JSON { name: { dtype, shape, data_offsets: [begin, end) }, __metadata__ } | data
import { corrupt, isCount, isRecord } from '../corrupt.js';
import { duplicateKey } from './duplicates.js';
import { bitsOf } from './types.js';

/** The most bytes that a header may have. */
export const headerLimit = 100_000_000;

/** One tensor of the file as its header has it. */
export interface Entry {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  /** Its bytes: a view of the file. */
  readonly bytes: Uint8Array;
}

/** What a header says. */
export interface Header {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly metadata: ReadonlyMap<string, string>;
}

const file = 'the safetensors file';

/** @throws SparseError `corrupt`, naming the entry and what does not fit. */
export function readHeader(bytes: Uint8Array): Header {
  const { json, data } = split(bytes);
  const entries = new Map<string, Entry>();
  const metadata = new Map<string, string>();
  const spans: { name: string; begin: number; end: number }[] = [];
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') {
      if (!isRecord(value)) throw corrupt(file, 'has __metadata__ that is no object');
      for (const [key, text] of Object.entries(value)) {
        if (typeof text !== 'string')
          throw corrupt(file, `has metadata "${key}" that is no string`);
        metadata.set(key, text);
      }
      continue;
    }
    const { type, shape, begin, end } = readEntry(name, value, data.byteLength);
    spans.push({ name, begin, end });
    entries.set(name, { name, type, shape, bytes: data.subarray(begin, end) });
  }
  checkSpans(spans, data.byteLength);
  return { entries, metadata };
}

function split(bytes: Uint8Array): { json: Readonly<Record<string, unknown>>; data: Uint8Array } {
  if (bytes.byteLength < 8) throw corrupt(file, `has ${bytes.byteLength} bytes, and 8 are needed`);
  const word = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (word > BigInt(headerLimit))
    throw corrupt(file, `says its header has ${word} bytes, more than ${headerLimit}`);
  const length = Number(word);
  if (8 + length > bytes.byteLength)
    throw corrupt(file, `says its header has ${length} bytes, and ${bytes.byteLength - 8} follow`);
  const json = parse(bytes.subarray(8, 8 + length));
  return { json, data: bytes.subarray(8 + length) };
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    json = JSON.parse(text);
  } catch (cause) {
    throw corrupt(file, 'has a header that is not JSON', { cause: String(cause) });
  }
  if (!isRecord(json) || !text.startsWith('{'))
    throw corrupt(file, 'has a header that is no object');
  const twice = duplicateKey(text);
  if (twice !== undefined) throw corrupt(file, `has the key "${twice}" twice`, { key: twice });
  return json;
}

function readEntry(
  name: string,
  value: unknown,
  dataBytes: number,
): { type: string; shape: number[]; begin: number; end: number } {
  const entry = `entry "${name}"`;
  if (!isRecord(value)) throw corrupt(entry, 'is no object');
  const { dtype: type, shape, data_offsets: offsets } = value;
  const bits = typeof type === 'string' && Object.hasOwn(bitsOf, type) ? bitsOf[type] : undefined;
  if (typeof type !== 'string' || bits === undefined)
    throw corrupt(entry, `has the unknown dtype ${JSON.stringify(type)}`);
  if (!Array.isArray(shape) || !shape.every(isCount))
    throw corrupt(entry, `has the shape ${JSON.stringify(shape)}`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    throw corrupt(entry, `has the offsets ${JSON.stringify(offsets)}`);
  const [begin, end] = [offsets[0] ?? 0, offsets[1] ?? 0];
  if (begin > end || end > dataBytes)
    throw corrupt(entry, `lies at ${begin} to ${end} of ${dataBytes} bytes of data`);
  const need = shape.reduce((product, extent) => product * extent, bits) / 8;
  if (need !== end - begin)
    throw corrupt(
      entry,
      `of ${type} [${shape.join(', ')}] needs ${need} bytes, and has ${end - begin}`,
    );
  return { type, shape, begin, end };
}

/** Entries must cover the data from its first byte to its last, each byte once. */
function checkSpans(
  spans: { name: string; begin: number; end: number }[],
  dataBytes: number,
): void {
  spans.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of spans) {
    if (begin !== at)
      throw corrupt(
        `entry "${name}"`,
        `${begin < at ? 'overlaps the entry' : 'leaves a hole'} before it`,
      );
    at = end;
  }
  if (at !== dataBytes)
    throw corrupt(file, `ends its last entry at ${at} of ${dataBytes} bytes of data`);
}
