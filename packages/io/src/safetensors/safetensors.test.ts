import { describe, expect, it } from 'vitest';
import {
  assemble,
  dense,
  describe as say,
  layout,
  level,
  q8,
  quantised,
  toDense,
  type DType,
} from '@lacuna/ir';
import { bcsr, bitmask, coo, csc, csr, dcsr, ell, layouts, nm, nmg } from '@lacuna/layouts';
import { readSafetensors } from './read.js';
import { writeSafetensors } from './write.js';
import { duplicateKey } from './duplicates.js';

const bits = layout({ name: 'bits', levels: () => [level.dense('i'), level.bitmask('j')] });
const numbers = [0, 5, 0, 0, 0, 7];

describe('safetensors', () => {
  for (const dtype of ['float32', 'float64', 'int32', 'float16', 'bfloat16'] satisfies DType[]) {
    it(`gives ${dtype} back, dense and sparse`, () => {
      const tensors = {
        d: assemble(dense(), [2, 3], numbers, { dtype }),
        s: assemble(csr, [2, 3], numbers, { dtype }),
        b: assemble(bits, [2, 3], numbers, { dtype }),
      };
      const read = readSafetensors(writeSafetensors(tensors), { layouts: [...layouts, bits] });
      for (const [name, tensor] of Object.entries(tensors)) {
        const back = read.tensors.get(name)!;
        expect(say(back)).toEqual(say(tensor));
        expect(back.values).toEqual(tensor.values);
        expect(back.pattern.structure).toEqual(tensor.pattern.structure);
      }
    });
  }

  it('loads a layout that nobody here knows', () => {
    const bytes = writeSafetensors({ s: assemble(bits, [2, 3], numbers) });
    const back = readSafetensors(bytes, { layouts: [] }).tensors.get('s')!;
    expect(back.format.layout).not.toBe(bits);
    expect(Array.from(toDense(back))).toEqual(numbers);
  });

  it('keeps metadata, and empty and 0-dimensional tensors', () => {
    const tensors = {
      empty: assemble(dense(), [0, 3], []),
      scalar: assemble(dense(), [], [4]),
      none: assemble(csr, [2, 2], [0, 0, 0, 0]),
    };
    const { tensors: back, metadata } = readSafetensors(writeSafetensors(tensors, { a: 'b' }));
    expect(metadata).toEqual({ a: 'b' });
    expect(back.get('empty')!.shape).toEqual([0, 3]);
    expect(back.get('scalar')!.values).toEqual(Float32Array.of(4));
    expect(back.get('none')!.stored).toBe(0);
  });

  it('reads a file at an odd offset by copying', () => {
    const bytes = writeSafetensors({ w: assemble(dense(), [2], [1, 2], { dtype: 'float64' }) });
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    const back = readSafetensors(shifted.subarray(1));
    expect(back.tensors.get('w')!.values).toEqual(Float64Array.of(1, 2));
  });

  it('writes the same bytes for the same tensors, each entry aligned', () => {
    const [a, b] = [
      assemble(dense(), [1], [1], { dtype: 'float64' }),
      assemble(csr, [2, 3], numbers),
    ];
    expect(writeSafetensors({ a, b })).toEqual(writeSafetensors({ b, a }));
    expect(writeSafetensors({ a, b }).length % 4).toBe(0);
  });

  it('widens small whole numbers, and 64-bit ones where that is exact', () => {
    const header = JSON.stringify({
      big: { dtype: 'I64', shape: [1], data_offsets: [0, 8] },
      small: { dtype: 'I8', shape: [2], data_offsets: [8, 10] },
      f8: { dtype: 'F8_E4M3', shape: [1], data_offsets: [10, 11] },
    });
    const bytes = new Uint8Array(8 + header.length + 11);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
    bytes.set(new TextEncoder().encode(header), 8);
    bytes.fill(0xff, 8 + header.length, 8 + header.length + 10);
    const { tensors } = readSafetensors(bytes, { only: (name) => name !== 'f8' });
    expect(tensors.get('big')!.values).toEqual(Float64Array.of(-1));
    expect(tensors.get('small')!.values).toEqual(Int32Array.of(-1, -1));
    expect(() => readSafetensors(bytes)).toThrow(/entry "f8" holds F8_E4M3.*pass over it/);
  });

  it('refuses to write two entries of one name', () => {
    const tensors = {
      w: assemble(csr, [1, 1], [1]),
      'w.values': assemble(dense(), [1], [1]),
    };
    expect(() => writeSafetensors(tensors)).toThrow(/two entries.*"w.values"; rename/);
    expect(() => writeSafetensors({}, { lacuna: '' })).toThrow(
      /describes layouts; use another key/,
    );
  });

  it('finds the key that an object repeats, and no other', () => {
    expect(duplicateKey('{"a":["a","a",{"a":1}],"b":{"a":"a"}}')).toBeUndefined();
    expect(duplicateKey('[{"x":1},{"y":{"z":1,"z":2}}]')).toBe('z');
    expect(duplicateKey('{"\\"":1,"\\\\":2,"\\"":3}')).toBe('"');
  });

  it('gives every layout back, by its name and from its level tree alone', () => {
    const pairs = ['01', '02', '03', '12', '13', '23']; // two rows of four, for two columns each
    const byColumn = Float32Array.from({ length: 48 }, (_, at) =>
      pairs[(at % 12) >> 1]!.includes(String(Math.floor(at / 12))) ? at + 1 : 0,
    );
    const byRow = Float32Array.from({ length: 48 }, (_, at) => (at % 4 < 2 ? at + 1 : 0));
    const formats = [
      csr(),
      bcsr(2, 2),
      bitmask(),
      ell(),
      coo(),
      csc(),
      dcsr(),
      nm(2, 4),
      nmg(2, 4, 2),
    ];
    for (const format of formats) {
      const tensor = assemble(format, [4, 12], format.layout === nmg ? byColumn : byRow);
      const bytes = writeSafetensors({ tensor });
      for (const options of [{}, { layouts: [] }]) {
        const back = readSafetensors(bytes, options).tensors.get('tensor')!;
        expect(back.format.layout === format.layout).toBe(!('layouts' in options));
        expect(toDense(back)).toEqual(toDense(tensor));
      }
    }
  });

  it("reads Node's buffers, wherever they begin, and shares no structure with them", () => {
    const kept = {
      s: assemble(csr, [2, 3], numbers),
      q: assemble(quantised(csr, q8(2)), [2, 3], numbers),
      h: assemble(bits, [3, 2], numbers, { dtype: 'float16' }),
      d: assemble(dense(), [6], numbers, { dtype: 'float64' }),
    };
    const file = writeSafetensors(kept);
    for (let offset = 0; offset < 8; offset++) {
      const buffer = Buffer.alloc(file.length + offset);
      buffer.set(file, offset);
      const { tensors } = readSafetensors(buffer.subarray(offset));
      for (const [name, tensor] of Object.entries(kept)) {
        const back = tensors.get(name)!;
        expect(toDense(back)).toEqual(toDense(tensor));
        expect(back.pattern.structure.buffer).not.toBe(buffer.buffer);
      }
    }
  });

  it('survives every single changed byte of a file', () => {
    const bytes = writeSafetensors({
      s: assemble(csr, [2, 3], numbers),
      d: assemble(dense(), [2], [1, 2]),
    });
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [1, 0x80]) {
        const changed = bytes.slice();
        changed[at]! ^= flip;
        try {
          readSafetensors(changed);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/corrupt|unsupported/) });
        }
      }
    }
  });
});
