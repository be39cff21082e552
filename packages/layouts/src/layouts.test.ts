import {
  SparseError,
  assemble,
  bufferOf,
  check,
  convert,
  countOf,
  describe as describeTensor,
  holdsAny,
  levelsOf,
  parseFormat,
  printFormat,
  restore,
  sameFormat,
  toDense,
  walk,
  type FormatLike,
} from '@lacuna/ir';
import { describe, expect, it } from 'vitest';
import { bcsr, bitmask, coo, csc, csr, dcsr, ell, layouts, nm, nmg } from './index.ts';

/** Small numbers, about a third of them not zero, the same for the same seed. */
function numbers(shape: readonly number[], seed: number, share = 0.35): Float32Array {
  let state = seed;
  const next = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
    next() < share ? Math.round(next() * 200 - 100) / 8 || 1 : 0,
  );
}

/** What a call is refused with. */
function refusal(call: () => unknown): SparseError {
  try {
    call();
  } catch (error) {
    if (error instanceof SparseError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const anyPattern: readonly FormatLike[] = [
  csr,
  csc,
  dcsr,
  coo,
  bcsr(1, 1),
  bcsr(2, 3),
  bcsr(4, 1),
  bitmask,
  ell,
];
const shapes = [
  [0, 0],
  [0, 3],
  [3, 0],
  [1, 1],
  [5, 7],
  [9, 17],
];

describe('layouts that hold any pattern', () => {
  for (const like of anyPattern) {
    const format = typeof like === 'function' ? like() : like;
    it(`${printFormat(format)} gives back what it was given, for small odd shapes`, () => {
      for (const [at, shape] of shapes.entries()) {
        for (const share of [0, 0.35, 1]) {
          const given = numbers(shape, at + 1, share);
          const tensor = assemble(format, shape, given);
          check(tensor.pattern);
          expect(toDense(tensor)).toEqual(given);
          expect(toDense(convert(tensor, csr))).toEqual(given);
        }
      }
    });
  }

  it('all but ell hold any pattern; n:m and n:m:g do not', () => {
    const any = anyPattern.filter((like) =>
      holdsAny(typeof like === 'function' ? like() : like, [4, 4]),
    );
    expect(any).toEqual(anyPattern.slice(0, -1));
    expect(holdsAny(nm(2, 4), [4, 4])).toBe(false);
    expect(holdsAny(nmg(2, 4, 1), [4, 4])).toBe(false);
  });

  it('bcsr fills blocks that reach past the shape with zeros', () => {
    const tensor = assemble(bcsr(2, 2), [3, 3], [0, 0, 0, 0, 0, 0, 0, 0, 5]);
    expect([...tensor.values]).toEqual([5, 0, 0, 0]);
    expect(countOf(tensor.pattern)).toBe(1);
  });

  it('ell takes the width of the widest row, and refuses a row that does not fit a given width', () => {
    const given = [0, 5, 0, 7, 0, 9];
    expect(printFormat(assemble(ell(), [2, 3], given).format)).toBe('ell(width=2)');
    expect(assemble(ell(9), [2, 3], given).stored).toBe(6);
    const error = refusal(() => assemble(ell(1), [2, 3], given));
    expect(error.code).toBe('lossy');
    expect(error.message).toMatch(
      /ell\(width=1\) cannot hold the entry at \[1, 0\]: .*2 entries, and 1 fit/,
    );
  });
});

describe('nm', () => {
  it('holds n of every m along either dimension, and along one of three', () => {
    const row = [0, 1, 2, 0, 3, 0, 0, 4];
    expect([...assemble(nm(2, 4), [1, 8], row).values]).toEqual([1, 2, 3, 4]);
    const column = assemble(nm(2, 4, { along: 0 }), [8, 1], row);
    expect([...column.values]).toEqual([1, 2, 3, 4]);
    const three = assemble(
      nm(1, 3, { along: 1 }),
      [2, 4, 2],
      [0, 0, 1, 0, 0, 2, 0, 3, 4, 0, 0, 0, 0, 5, 0, 0],
    );
    check(three.pattern);
    expect(toDense(three)[2]).toBe(1);
    expect(three.pattern.levels.map((l) => l.name)).toEqual(['i', 'k', 'j/3', 'j%3']);
  });

  it('fills a block that has fewer with zeros, also past the edge', () => {
    const tensor = assemble(nm(2, 4), [1, 5], [7, 0, 0, 0, 0]);
    expect([...bufferOf(tensor.pattern, 2, 'crd')]).toEqual([0, 1, 0, 1]);
    expect([...tensor.values]).toEqual([7, 0, 0, 0]);
    expect(toDense(tensor)).toEqual(Float32Array.of(7, 0, 0, 0, 0));
  });

  it('refuses a block with more than n, naming it', () => {
    const error = refusal(() => assemble(nm(1, 2), [1, 4], [0, 1, 2, 3]));
    expect(error.code).toBe('lossy');
    expect(error.message).toMatch(
      /nm\(1,2\) cannot hold the entry at \[0, 2\]: .*2 entries, and 1 fit/,
    );
  });
});

describe('parameters', () => {
  it.each([
    [() => nm(3, 2), /3 of 2 cannot be chosen; write nm\(2, 3\)\?/],
    [() => nmg(5, 4, 1), /5 of 4 cannot be chosen; write nmg\(4, 5, 1\)\?/],
    [() => nmg(2, 4, 0), /layout nmg was given g = 0, outside 1\.\.65536; write nmg\(n: 1\.\.512/],
    [() => nmg(2, 4), /layout nmg needs parameter g/],
    [() => nmg(2, 4, 1, 1, 1), /blocks and groups cannot run along one dimension/],
    [
      () => nmg(32, 64, 1),
      /64 choose 32 is 183\d+ patterns, too many for one chunk; choose a smaller m, n or g/,
    ],
    [() => nm(2, 4, { allong: 0 }), /no parameter "allong" \(nearest: along\)/],
    [() => bcsr(0, 1), /bcsr was given rows = 0/],
    [() => bcsr(1.5, 1), /bcsr was given rows = 1\.5/],
  ])('a combination that makes no sense is refused, with what to write (%#)', (call, said) => {
    const error = refusal(call);
    expect(error.code).toBe('format');
    expect(error.message).toMatch(said);
  });

  it('a dimension that the shape lacks is refused', () => {
    for (const call of [
      () => levelsOf(nm(2, 4, { along: 2 }), [4, 4]),
      () => levelsOf(nmg(2, 4, 1, { along: 1, group: 2 }), [4, 4]),
      () => levelsOf(nm(1, 2), [4]),
    ]) {
      const error = refusal(call);
      expect(error.code).toBe('shape');
      expect(error.message).toMatch(
        /runs (along|group) = \d, and \[4(, 4)?\] has \d dimensions; choose/,
      );
    }
    expect(refusal(() => levelsOf(csr(), [2, 2, 2])).message).toMatch(/csr is for 2 dimensions/);
  });

  it('5:12 has 792 patterns and is no problem', () => {
    expect(levelsOf(nmg(5, 12, 2), [12, 1584]).at(-3)!.size).toBe(792);
  });
});

describe('layouts by name', () => {
  it('every format prints and parses back', () => {
    const formats = [
      ...anyPattern.map((like) => (typeof like === 'function' ? like() : like)),
      ell(3),
      nm(2, 4),
      nm(2, 4, 0),
      nmg(2, 4, 8),
      nmg(2, 4, 8, 1, 0),
    ];
    for (const format of formats)
      expect(sameFormat(parseFormat(printFormat(format), layouts), format)).toBe(true);
    expect(printFormat(nmg(2, 4, 8, 1, 0))).toBe('nmg(2,4,8,along=1,group=0)');
    expect(refusal(() => parseFormat('crs', layouts)).message).toMatch(/did you mean csr\?/);
  });

  it('every layout is saved and restored, known or not', () => {
    const given = [0, 5, 7, 0];
    for (const like of [...anyPattern, nm(1, 2), nmg(1, 2, 1)]) {
      const tensor = assemble(like, [2, 2], given);
      const descriptor = JSON.parse(JSON.stringify(describeTensor(tensor))) as ReturnType<
        typeof describeTensor
      >;
      for (const among of [layouts, []]) {
        const pattern = restore(descriptor, tensor.pattern.structure, among);
        const seen: number[] = [];
        walk(pattern, ([i, j], p) => {
          if (tensor.values[p] !== 0) seen.push(i! * 10 + j!);
        });
        expect(seen.sort((a, b) => a - b)).toEqual([1, 10]);
      }
    }
  });
});
