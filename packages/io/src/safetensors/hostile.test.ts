// Files that an enemy wrote: each is refused with one SparseError of code "corrupt".
import { describe, expect, it } from 'vitest';
import { SparseError } from '@lacuna/ir';
import { readSafetensors } from './read.js';

/** A file from header text and data. */
function file(header: string, data = 0, length?: bigint): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}
const entry = (dtype: unknown, shape: unknown, offsets: unknown): string =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });
const described = (descriptor: unknown, values = 'F32'): Uint8Array =>
  file(
    JSON.stringify({
      __metadata__: { lacuna: JSON.stringify({ version: 1, tensors: { w: descriptor } }) },
      'w.values': { dtype: values, shape: [2], data_offsets: [0, 8] },
    }),
    8,
  );
const level = (kind: string, size: number, more: object = {}): object => ({
  name: 'i',
  kind,
  binds: [{ dim: 0, div: 1, mod: 0 }],
  size,
  ordered: true,
  unique: true,
  width: 'uint16',
  ...more,
});

const bad: Record<string, [Uint8Array, RegExp]> = {
  'no bytes': [new Uint8Array(0), /has 0 bytes, and 8 are needed/],
  'a header past the end': [file('{}', 0, 3n), /header has 3 bytes, and 2 follow/],
  'a header of 2^64 - 1 bytes': [file('{}', 0, 2n ** 64n - 1n), /more than 100000000/],
  'a header over the limit': [file('{}', 0, 100_000_001n), /more than 100000000/],
  'a header that is no JSON': [file('{"a"'), /not JSON/],
  'a header that is a list': [file('[]'), /no object/],
  'a header that begins with a space': [file(' {}'), /no object/],
  'bytes that are not UTF-8': [Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff), /not JSON/],
  'a key twice': [
    file(`{"a":${entry('F32', [1], [0, 4])},"a":${entry('F32', [1], [0, 4])}}`, 4),
    /key "a" twice/,
  ],
  'a key twice under escapes': [
    file(`{"a":${entry('F32', [1], [0, 4])},"\\u0061":${entry('F32', [1], [0, 4])}}`, 4),
    /key "a" twice/,
  ],
  'a field twice': [
    file('{"a":{"dtype":"U8","dtype":"F32","shape":[4],"data_offsets":[0,4]}}', 4),
    /key "dtype" twice/,
  ],
  'an entry that is no object': [file('{"a":1}'), /entry "a" is no object/],
  'an unknown dtype': [file(`{"a":${entry('F31', [1], [0, 4])}}`, 4), /unknown dtype "F31"/],
  'a dtype of the prototype': [file(`{"a":${entry('toString', [1], [0, 4])}}`, 4), /unknown dtype/],
  'a negative extent': [file(`{"a":${entry('F32', [-1], [0, 4])}}`, 4), /shape \[-1\]/],
  'a fractional extent': [file(`{"a":${entry('F32', [0.5], [0, 2])}}`, 2), /shape \[0.5\]/],
  'an extent that no double holds': [file(`{"a":${entry('F32', [2 ** 60], [0, 4])}}`, 4), /shape/],
  'a shape whose size overflows': [
    file(`{"a":${entry('F32', [2 ** 50, 2 ** 50], [0, 4])}}`, 4),
    /needs .* bytes, and has 4/,
  ],
  'fewer bytes than the shape needs': [
    file(`{"a":${entry('F32', [2], [0, 4])}}`, 4),
    /needs 8 bytes, and has 4/,
  ],
  'half a byte': [file(`{"a":${entry('F4', [1], [0, 1])}}`, 1), /needs 0.5 bytes/],
  'offsets backwards': [file(`{"a":${entry('F32', [0], [4, 0])}}`, 4), /lies at 4 to 0/],
  'offsets past the end': [file(`{"a":${entry('F32', [2], [0, 8])}}`, 4), /lies at 0 to 8 of 4/],
  'three offsets': [file(`{"a":${entry('F32', [1], [0, 4, 4])}}`, 4), /offsets \[0,4,4\]/],
  'a hole': [
    file(`{"a":${entry('U8', [1], [0, 1])},"b":${entry('U8', [1], [2, 3])}}`, 3),
    /"b" leaves a hole/,
  ],
  'a hole at the start': [file(`{"a":${entry('U8', [1], [1, 2])}}`, 2), /"a" leaves a hole/],
  'an overlap': [
    file(`{"a":${entry('U8', [2], [0, 2])},"b":${entry('U8', [2], [1, 3])}}`, 3),
    /"b" overlaps/,
  ],
  'bytes after the last entry': [file('{}', 1), /ends its last entry at 0 of 1/],
  'metadata that is no object': [file('{"__metadata__":[]}'), /__metadata__/],
  'metadata that is no string': [file('{"__metadata__":{"a":1}}'), /metadata "a"/],
  'level trees that are no JSON': [file('{"__metadata__":{"lacuna":"{"}}'), /not JSON/],
  'level trees of another version': [
    file('{"__metadata__":{"lacuna":"{\\"version\\":2}"}}'),
    /version 1/,
  ],
  'a description without values': [
    file('{"__metadata__":{"lacuna":"{\\"version\\":1,\\"tensors\\":{\\"x\\":{}}}"}}'),
    /"x", which has no values/,
  ],
  'a description that is null': [described(null), /no object/],
  'more positions than bytes': [
    described({
      format: 'x',
      shape: [2 ** 40],
      dtype: 'float32',
      levels: [level('dense', 2 ** 40)],
      positions: [2 ** 40],
    }),
    /1099511627776 positions, and 8 bytes/,
  ],
  'positions that end in nothing': [
    described({
      format: 'x',
      shape: [2 ** 40],
      dtype: 'float32',
      levels: [level('dense', 2 ** 40), level('fixed', 2 ** 40, { count: 0 })],
      positions: [2 ** 40, 0],
    }),
    /positions/,
  ],
  'values of another type': [
    described({
      format: 'x',
      shape: [2],
      dtype: 'float64',
      levels: [level('dense', 2)],
      positions: [2],
    }),
    /described as float64, and holds float32/,
  ],
  'values of another number': [
    described({
      format: 'x',
      shape: [3],
      dtype: 'float32',
      levels: [level('dense', 3)],
      positions: [3],
    }),
    /2 values, and its description 3/,
  ],
  'levels whose sizes wrap in 32 bits': [
    described({
      format: 'x',
      shape: [2 ** 35],
      dtype: 'float32',
      levels: [level('bitmask', 2 ** 35, { width: 'uint32' })],
      positions: [2],
    }),
    /needs 4294967312 bytes of structure, and the file has 0/,
  ],
  'a level whose size is not its dimension’s': [
    described({
      format: 'x',
      shape: [3],
      dtype: 'float32',
      levels: [level('dense', 2)],
      positions: [2],
    }),
    /do not follow from their names/,
  ],
  'a table that leads outside its level': [
    described({
      format: 'x',
      shape: [4],
      dtype: 'float32',
      levels: [level('fixed', 4, { count: 2, by: { name: 't', over: [], data: [1, 4] } })],
      positions: [2],
    }),
    /table does not hold coordinates/,
  ],
  'structure that is missing': [
    described({
      format: 'x',
      shape: [3],
      dtype: 'float32',
      levels: [level('compressed', 3)],
      positions: [2],
    }),
    /bytes of structure/,
  ],
};

describe('a hostile safetensors file', () => {
  for (const [what, [bytes, message]] of Object.entries(bad)) {
    it(`with ${what} is refused`, () => {
      const read = (): unknown => readSafetensors(bytes);
      expect(read).toThrow(SparseError);
      expect(read).toThrow(expect.objectContaining({ code: 'corrupt' }));
      expect(read).toThrow(message);
    });
  }
});
