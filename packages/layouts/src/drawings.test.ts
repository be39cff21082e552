// What the drawings at the heads of the files show, and what lies at their edges.
import {
  assemble,
  bufferOf,
  check,
  convert,
  countOf,
  describe as describeTensor,
  entriesOf,
  holdsAny,
  makePattern,
  restore,
  SparseError,
  toDense,
  type Descriptor,
} from '@lacuna/ir';
import { describe, expect, it } from 'vitest';
import {
  butterflyFactor,
  csr,
  delta,
  diagonal,
  layouts,
  maskedDense,
  rcsr,
  remask,
  vnm,
} from './index.ts';

describe('vnm', () => {
  const row = (...places: [number, number][]): number[] => {
    const numbers = Array.from({ length: 8 }, () => 0);
    for (const [at, x] of places) numbers[at] = x;
    return numbers;
  };

  it('is what its drawing shows', () => {
    const t = assemble(vnm(2, 2, 8), [2, 8], [...row([0, 1], [3, 2]), ...row([4, 3], [6, 4])]);
    expect([...bufferOf(t.pattern, 3, 'table')]).toEqual([0, 3, 4, 6]);
    expect([...bufferOf(t.pattern, 3, 'crd')]).toEqual([0, 1, 2, 3]);
    expect([...t.values]).toEqual([1, 2, 3, 4]);
  });

  it('refuses a fifth column of a tile, and a third entry of a row', () => {
    const five = [...row([0, 1], [1, 1]), ...row([2, 1], [3, 1]), ...row([4, 1])];
    expect(() => assemble(vnm(3, 2, 8), [3, 8], five)).toThrow(/vnm\(3,2,8\) cannot hold/);
    expect(() => assemble(vnm(1, 2, 8), [1, 8], row([0, 1], [1, 1], [2, 1]))).toThrow(/lossy|hold/);
    expect(assemble(vnm(1, 4, 8), [1, 8], row([0, 1], [1, 1], [2, 1])).stored).toBe(4);
  });

  it('reaches past edges that no tile divides', () => {
    const numbers = Array.from({ length: 5 * 11 }, (_, at) => Number(at % 11 === 10));
    const t = assemble(vnm(4, 1, 8), [5, 11], numbers);
    check(t.pattern);
    expect([...toDense(t)]).toEqual(numbers);
  });
});

describe('delta', () => {
  const line = (...places: number[]): Float32Array => {
    const numbers = new Float32Array(1000);
    for (const at of places) numbers[at] = at + 1;
    return numbers;
  };

  it('crosses wide gaps by stored zeros, which are entries', () => {
    const t = assemble(delta, [1, 1000], line(255, 512, 999));
    expect([...bufferOf(t.pattern, 1, 'crd')]).toEqual([255, 255, 0, 255, 230]);
    expect([...t.values]).toEqual([256, 0, 513, 0, 1000]);
    expect([...entriesOf(t).index]).toEqual([255, 511, 512, 768, 999]);
    expect(toDense(t)).toEqual(line(255, 512, 999));
    expect(convert(t, csr).stored).toBe(5);
  });

  it('finds gaps that lead out of the shape', () => {
    const pattern = makePattern(
      delta(),
      [1, 300],
      [
        { level: 1, role: 'pos', data: [0, 2] },
        { level: 1, role: 'crd', data: [200, 100] },
      ],
    );
    expect(() => check(pattern)).toThrow(/delta: crd\[1\] of level j leads to 301, past 299/);
  });

  it('takes half the structure of csr', () => {
    const numbers = Float32Array.from({ length: 64 * 512 }, (_, at) => Number(at % 7 === 0));
    const [a, b] = [assemble(delta, [64, 512], numbers), assemble(csr, [64, 512], numbers)];
    const crd = (t: typeof a): number => bufferOf(t.pattern, 1, 'crd').byteLength;
    expect(crd(a) * 2).toBe(crd(b));
  });
});

describe('rcsr', () => {
  it('puts the fullest rows first, and equal ones in order', () => {
    const t = assemble(rcsr, [4, 2], [1, 0, 2, 3, 0, 0, 4, 5]);
    expect([...bufferOf(t.pattern, 0, 'table')]).toEqual([1, 3, 0, 2]);
    expect([...bufferOf(t.pattern, 1, 'pos')]).toEqual([0, 2, 4, 5, 5]);
    expect([...t.values]).toEqual([2, 3, 4, 5, 1]);
    expect(holdsAny(t.format, t.shape)).toBe(true);
  });

  it('refuses an order that is none', () => {
    const pattern = makePattern(
      rcsr(),
      [2, 1],
      [
        { level: 0, role: 'table', data: [1, 1] },
        { level: 1, role: 'pos', data: [0, 0, 0] },
        { level: 1, role: 'crd', data: [] },
      ],
    );
    expect(() => check(pattern)).toThrow(/rcsr: table\[1\] of level i repeats 1/);
  });
});

describe('diagonal', () => {
  it('runs along every diagonal of wide and of tall matrices', () => {
    for (const shape of [
      [1, 1],
      [2, 5],
      [5, 2],
      [3, 3],
      [0, 3],
    ]) {
      const numbers = Array.from({ length: shape[0]! * shape[1]! }, (_, at) => at + 1);
      const t = assemble(diagonal, shape, numbers);
      check(t.pattern);
      expect([...toDense(t)]).toEqual(numbers);
      expect(countOf(t.pattern)).toBe(numbers.length);
    }
  });

  it('stores a band as its diagonals', () => {
    const n = 6;
    const band = Array.from({ length: n * n }, (_, at) =>
      Math.abs((at % n) - Math.floor(at / n)) <= 1 ? 1 : 0,
    );
    const t = assemble(diagonal, [n, n], band);
    expect(t.stored).toBe(3 * n);
    expect([...bufferOf(t.pattern, 0, 'crd')]).toEqual([4, 5, 6]);
  });
});

describe('butterfly', () => {
  it('stores what its drawing shows, and refuses what lies off it', () => {
    const places = [0, 2, 9, 11, 16, 18, 25, 27];
    const numbers = new Float32Array(64);
    places.forEach((at, e) => (numbers[at] = e + 1));
    const t = assemble(butterflyFactor(2), [8, 8], numbers);
    expect([...t.values].slice(0, 8)).toEqual([1, 3, 2, 4, 5, 7, 6, 8]);
    expect(t.stored).toBe(16);
    numbers[1] = 1;
    expect(() => assemble(butterflyFactor(2), [8, 8], numbers)).toThrow(
      /butterfly\(2\) cannot hold/,
    );
  });
});

describe('masked', () => {
  it('keeps what a mask hides, and does not show it', () => {
    const t = assemble(maskedDense, [2, 3], [1, 2, 3, 4, 5, 6]);
    const hidden = remask(t, [1, 0, 0, 0, 0, 1]);
    check(hidden.pattern);
    expect([...toDense(hidden)]).toEqual([1, 0, 0, 0, 0, 6]);
    expect(hidden.values).toBe(t.values);
    expect(countOf(hidden.pattern)).toBe(2);
    expect([...toDense(remask(hidden, [0, 1, 0, 0, 1, 0]))]).toEqual([0, 2, 0, 0, 5, 0]);
    expect(convert(hidden, csr).stored).toBe(2);
  });

  it('refuses tensors without room, and masks of another length', () => {
    expect(() => remask(assemble(csr, [1, 2], [1, 0]), [1, 1])).toThrow(/csr has no place for/);
    expect(() => remask(assemble(maskedDense, [1, 2], [1, 0]), [1])).toThrow(/a mask of 1 bytes/);
  });
});

describe('layouts of levels that others lack', () => {
  it('are saved and restored without their layout', () => {
    const numbers = [0, 5, 7, 0, 0, 1];
    for (const like of [vnm(2, 2, 4), delta, rcsr, diagonal, maskedDense]) {
      const t = assemble(like, [2, 3], numbers);
      const text = JSON.stringify(describeTensor(t));
      for (const known of [layouts, []]) {
        const pattern = restore(JSON.parse(text) as Descriptor, t.pattern.structure, known);
        expect(countOf(pattern)).toBe(countOf(t.pattern));
      }
    }
  });

  it('with a diagonal and no range, or the reverse, are refused', () => {
    const t = describeTensor(assemble(diagonal, [2, 2], [1, 0, 0, 1]));
    const [line, range] = t.levels;
    for (const levels of [[line!], [{ ...range!, along: 'i-j' }]])
      expect(() =>
        restore(
          { ...t, format: 'odd', levels, positions: levels.map(() => 2) },
          new Uint8Array(32),
          [],
        ),
      ).toThrow(SparseError);
  });
});
