// Number types, errors, tensors and sparsifiers: what the rest of the house leans on.
import { describe, expect, it } from 'vitest';
import { assemble } from './assemble.ts';
import { dense } from './dense.ts';
import { toDense } from './derive.ts';
import {
  byteWidth,
  decodeValues,
  dtypes,
  encodeValues,
  fromBfloat16,
  fromFloat16,
  indexTypeFor,
  toBfloat16,
  toFloat16,
} from './dtype.ts';
import { SparseError, nearest } from './error.ts';
import { layout } from './layout.ts';
import { level } from './level.ts';
import { makePattern } from './pattern.ts';
import { preservedMagnitude, sparsifier, sparsify } from './sparsifier.ts';
import { makeTensor } from './tensor.ts';

const csr = layout({
  name: 'csr',
  rank: 2,
  levels: () => [level.dense('i'), level.compressed('j')],
});

describe('number types', () => {
  it('every float16 decodes and encodes to itself', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const x = fromFloat16(bits);
      if (x === x) expect(toFloat16(x)).toBe(bits);
      else expect(fromFloat16(toFloat16(x))).toBeNaN();
    }
  });
  it('every bfloat16 decodes and encodes to itself', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const x = fromBfloat16(bits);
      if (x === x) expect(toBfloat16(x)).toBe(bits);
      else expect(fromBfloat16(toBfloat16(x))).toBeNaN();
    }
  });
  it('16-bit floats round to nearest, ties to even', () => {
    expect(fromFloat16(toFloat16(1 + 2 ** -11))).toBe(1);
    expect(fromFloat16(toFloat16(1 + 3 * 2 ** -11))).toBe(1 + 2 ** -9);
    expect(fromFloat16(toFloat16(65519))).toBe(65504);
    expect(fromFloat16(toFloat16(65520))).toBe(Infinity);
    expect(fromFloat16(toFloat16(2 ** -25))).toBe(0);
    expect(fromFloat16(toFloat16(3 * 2 ** -26))).toBe(2 ** -24);
    expect(fromBfloat16(toBfloat16(1 + 2 ** -8))).toBe(1);
    expect(fromBfloat16(toBfloat16(1 + 3 * 2 ** -8))).toBe(1 + 2 ** -6);
  });
  it('encode and decode keep small whole numbers in every type', () => {
    for (const dtype of dtypes)
      expect([...decodeValues(dtype, encodeValues(dtype, [0, 1, -2, 100]))]).toEqual([
        0, 1, -2, 100,
      ]);
    expect(dtypes.map(byteWidth)).toEqual([4, 8, 4, 2, 2]);
  });
  it('coordinates are as narrow as they may be', () => {
    expect([256, 257, 65536, 65537].map((n) => indexTypeFor(n))).toEqual([
      'uint8',
      'uint16',
      'uint16',
      'uint32',
    ]);
    expect(indexTypeFor(3, 'uint16')).toBe('uint16');
  });
});

describe('SparseError', () => {
  it('says what was asked and what to write, and keeps code, hint, detail and cause', () => {
    const cause = new Error('why');
    const error = new SparseError('shape', 'a and b differ', {
      hint: 'turn b',
      detail: { a: 1 },
      cause,
    });
    expect(error.message).toBe('a and b differ; turn b');
    expect(error).toMatchObject({ name: 'SparseError', code: 'shape', hint: 'turn b', cause });
    expect(error.detail['a']).toBe(1);
    expect(error instanceof Error).toBe(true);
  });
  it('the nearest name is by edit distance', () => {
    expect(nearest('crs', ['coo', 'csr', 'bcsr'])).toBe('csr');
    expect(nearest('x', [])).toBe(undefined);
  });
});

describe('tensors', () => {
  it('say what they are, and refuse use after dispose', () => {
    const tensor = assemble(csr, [2, 2], [0, 1, 0, 0]);
    expect(String(tensor)).toBe('csr [2, 2] float32, 1 stored');
    expect(tensor.bytes).toBe(4 + 16 + 16);
    let freed = 0;
    tensor.onDispose(() => freed++);
    tensor.dispose();
    tensor.dispose();
    expect(freed).toBe(1);
    expect(() => tensor.values).toThrow(
      /csr \[2, 2\] float32, 1 stored was used after dispose\(\)/,
    );
  });
  it('are read as a copy, with 16-bit floats decoded', async () => {
    const tensor = assemble(dense, [2], [1.5, -2], { dtype: 'bfloat16' });
    expect(await tensor.read()).toEqual(Float32Array.of(1.5, -2));
  });
  it('are not made from the wrong number of values', () => {
    const { pattern } = assemble(csr, [2, 2], [0, 1, 0, 0]);
    expect(() => makeTensor(pattern, 'float32', new Float32Array(2))).toThrow(
      /csr of \[2, 2\] stores 1 values, and 2 were given/,
    );
  });
});

describe('sparsify', () => {
  const big = sparsifier({
    name: 'big',
    kind: 'streaming',
    params: { least: 2 },
    keep: (x) => Uint8Array.from(x, (v) => Number(Math.abs(v) >= 2)),
  });
  const weight = assemble(dense, [2, 2], [1, -2, 3, 0]);

  it('drops what is not kept, and the rest is the share that is preserved', () => {
    const pruned = sparsify(weight, big, csr);
    expect([...pruned.values]).toEqual([-2, 3]);
    expect(preservedMagnitude(weight, pruned)).toBeCloseTo(5 / 6);
    expect(preservedMagnitude(assemble(csr, [0, 0], []), assemble(csr, [0, 0], []))).toBe(1);
    expect(toDense(sparsify(weight, big, dense))).toEqual(Float32Array.of(0, -2, 3, 0));
    expect(big.print()).toBe('big(least=2)');
  });

  it('stores into the pattern of a sparsifier that places entries itself', () => {
    const pattern = makePattern(
      csr(),
      [2, 2],
      [
        { level: 1, role: 'pos', data: [0, 1, 2] },
        { level: 1, role: 'crd', data: [0, 1] },
      ],
    );
    const diagonal = sparsifier({ ...big, name: 'diagonal', assign: () => pattern });
    const pruned = sparsify(weight, diagonal, csr);
    expect(pruned.pattern).toBe(pattern);
    expect([...pruned.values]).toEqual([1, 0]);
  });

  it('says which sparsifier keeps what a format cannot hold', () => {
    const one = layout({
      name: 'one',
      rank: 2,
      levels: () => [level.dense('i'), level.fixed('j', 1)],
    });
    expect(() => sparsify(assemble(dense, [1, 2], [2, 3]), big, one)).toThrow(
      /what big\(least=2\) keeps does not fit one; prune with a sparsifier made for this layout/,
    );
  });
});
