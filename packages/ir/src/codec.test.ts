// Codecs: what is written, how it is named, and that every layout takes it.
import { describe, expect, it } from 'vitest';
import { assemble } from './assemble.ts';
import { parseCodec, printCodec, q4, q8 } from './codec.ts';
import { parseFormat, printFormat, quantised, sameFormat } from './format.ts';
import { convert } from './convert.ts';
import { dense } from './dense.ts';
import { toDense } from './derive.ts';
import { describe as describeTensor } from './descriptor.ts';
import { decoded, encoded, encodedTensor } from './encoded.ts';
import { layout } from './layout.ts';
import { level } from './level.ts';
import { codecBytes, decodeGroups, encodeGroups, stepsOf } from './quantise.ts';

const csr = layout({
  name: 'csr',
  rank: 2,
  levels: () => [level.dense('i'), level.compressed('j')],
});

describe('codecs', () => {
  it('print and parse, alone and with a layout', () => {
    for (const codec of [q8(32), q4(16, { zero: true }), q4(8, { zero: true, scale: 'float32' })])
      expect(parseCodec(printCodec(codec))).toEqual(codec);
    const format = parseFormat(' csr + q4( 16, zero) ', [dense, csr]);
    expect(printFormat(format)).toBe('csr+q4(16,zero)');
    expect(sameFormat(format, quantised(csr, q4(16, { zero: true })))).toBe(true);
    expect(sameFormat(format, csr())).toBe(false);
    expect(() => parseFormat('csr+q5(16)', [csr])).toThrow(/"q5\(16\)" names no codec; write q8/);
    expect(() => parseFormat('csr+q4(16)+q4(16)', [csr])).toThrow(/names no codec/);
    expect(() => q8(0)).toThrow(/q8 was given groups of 0/);
  });

  it('take 3.19 bits a weight for a half of groups of 16, as GQSA counts', () => {
    const [groups, weights] = [4096, 4096 * 16 * 2];
    const values = codecBytes(q4(16, { zero: true }), groups * 16);
    expect(((values + groups * 2) * 8) / weights).toBeCloseTo(3.125, 2); // and 0.06 for pos
  });

  it('write numbers that are off by half a step at most, and zero exactly', () => {
    for (const codec of [
      q8(3),
      q4(5),
      q8(4, { zero: true }),
      q4(2, { zero: true, scale: 'float32' }),
    ]) {
      const numbers = [0, 1, -2, 3.3, 1e-3, 0, 700, 699, 5, -1e-9, 0];
      const bytes = encodeGroups(codec, numbers);
      const got = decodeGroups(codec, bytes, numbers.length);
      const steps = stepsOf(codec, bytes, numbers.length);
      numbers.forEach((x, at) => {
        expect(Math.abs(got[at]! - x)).toBeLessThanOrEqual(steps[at]! * 0.5 * (1 + 1e-6));
        if (x === 0) expect(got[at]).toBe(0);
      });
    }
  });

  it('refuse what is not finite, or past the scales', () => {
    expect(() => encodeGroups(q8(2), [1, NaN])).toThrow(
      /q8\(2\) cannot hold NaN, at stored value 1/,
    );
    expect(() => encodeGroups(q8(2), [1e9, 0])).toThrow(/keep its scales in float32/);
    expect(encodeGroups(q8(2, { scale: 'float32' }), [1e9, 0]).length).toBe(8);
    const { pattern } = assemble(dense, [3], [1, 2, 3]);
    expect(() => encodedTensor(pattern, { codec: q8(2), bytes: new Uint8Array(3) })).toThrow(
      /3 values in q8\(2\) take 8 bytes, and 3 were given/,
    );
  });
});

describe('tensors in a codec', () => {
  const t = assemble(quantised(csr, q8(2)), [2, 3], [0, 127, -127, 2, 0, 0]);

  it('read as float32, in the pattern that they had', async () => {
    expect(t.toString()).toBe('csr+q8(2) [2, 3] float32, 3 stored');
    expect(t.dtype).toBe('float32');
    expect(await t.read()).toEqual(t.values);
    expect([...toDense(t)].map(Math.round)).toEqual([0, 127, -127, 2, 0, 0]);
    expect(t.bytes).toBe(t.pattern.structure.byteLength + codecBytes(q8(2), 3));
    expect(describeTensor(t)).toMatchObject({ format: 'csr', codec: 'q8(2)' });
  });

  it('convert to and from other formats', () => {
    const plain = convert(t, csr);
    expect([plain.codec, plain.pattern]).toEqual([undefined, t.pattern]);
    expect(convert(plain, quantised(csr, q8(2))).toString()).toBe(t.toString());
    expect(convert(t, quantised(csr, q8(2)))).toBe(t);
    expect(convert(t, quantised(dense, q4(3))).toString()).toBe(
      'dense+q4(3) [2, 3] float32, 6 stored',
    );
    expect(decoded(encoded(plain, q4(1))).codec).toBeUndefined();
  });
});
