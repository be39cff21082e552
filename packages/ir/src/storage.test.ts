// assemble, build, walk, check and what is derived from them, for made-up layouts of every kind of level.
import { describe, expect, it } from 'vitest';
import { assemble, fromEntries } from './assemble.ts';
import { check } from './check.ts';
import { convert } from './convert.ts';
import { dense } from './dense.ts';
import { bytesOf, countOf, densityOf, entriesOf, flatIndex, outside, toDense } from './derive.ts';
import { SparseError } from './error.ts';
import { int, layout, type Format } from './layout.ts';
import { level, type LevelSpec } from './level.ts';
import { bufferOf, makePattern, viewOf, type Pattern } from './pattern.ts';
import { walk, walkFlat } from './walk.ts';

const csr = layout({
  name: 'csr',
  rank: 2,
  levels: () => [level.dense('i'), level.compressed('j')],
});
const coo = layout({
  name: 'coo',
  rank: 2,
  levels: () => [level.compressed('i', { unique: false }), level.singleton('j')],
});
const bits = layout({
  name: 'bits',
  rank: 2,
  levels: () => [level.compressed('j'), level.bitmask('i')],
});
const tiles = layout({
  name: 'tiles',
  rank: 2,
  params: { b: int(1, 8) },
  levels: ({ b }) => [
    level.compressed(`i/${b}`),
    level.bitmask(`j/${b}`),
    level.dense(`j%${b}`),
    level.dense(`i%${b}`),
  ],
});
const deep = layout({
  name: 'deep',
  rank: 3,
  levels: () => [
    level.compressed('k'),
    level.dense('i/2'),
    level.compressed('j'),
    level.dense('i%2'),
  ],
});
const pairs = layout({
  name: 'pairs',
  rank: 2,
  levels: () => [level.dense('i'), level.dense('j/4'), level.fixed('j%4', 2)],
});
/** One column a row, looked up in a table of the pattern by a stored place. */
const palette = layout({
  name: 'palette',
  rank: 2,
  levels: () => [
    level.dense('i/2'),
    level.dense('i%2'),
    level.fixed('j', 1, { by: { name: 'columns', over: ['i/2'], of: 2 } }),
  ],
  assign({ shape: [rows, columns], magnitude, levels }) {
    const largest = Array.from({ length: levels[0]!.size * 2 }, (_, i) => {
      if (i >= rows!) return 0;
      const row = magnitude.subarray(i * columns!, (i + 1) * columns!);
      return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
    });
    return { j: Uint16Array.from(largest) };
  },
});

/** About a third of the numbers are not zero; the same for the same seed. */
function numbers(size: number, seed: number): Float32Array {
  let state = seed * 7919 + 1;
  return Float32Array.from({ length: size }, () => {
    state = (state * 48271) % 2147483647;
    return state % 3 === 0 ? ((state >> 4) % 99) - 49 : 0;
  });
}

const formats: readonly Format[] = [csr(), coo(), bits(), tiles(1), tiles(2), tiles(3)];

describe('storage', () => {
  it('gives back what it was given, in every layout, through every other', () => {
    for (const shape of [
      [0, 0],
      [1, 1],
      [3, 5],
      [5, 7],
      [8, 9],
      [0, 4],
      [4, 0],
    ]) {
      const given = numbers(shape[0]! * shape[1]!, shape[0]! + 10 * shape[1]!);
      for (const format of formats) {
        const tensor = assemble(format, shape, given);
        check(tensor.pattern);
        expect(toDense(tensor)).toEqual(given);
        for (const other of formats) {
          const converted = convert(tensor, other);
          check(converted.pattern);
          expect(toDense(converted)).toEqual(given);
        }
      }
    }
  });

  it('works for three dimensions', () => {
    const given = numbers(3 * 4 * 5, 1);
    const tensor = assemble(deep, [3, 4, 5], given);
    check(tensor.pattern);
    expect(toDense(tensor)).toEqual(given);
    expect(toDense(assemble(dense, [3, 4, 5], given))).toEqual(given);
  });

  it('is what the drawing in the books shows', () => {
    const { pattern, values } = assemble(csr, [3, 3], [0, 5, 0, 0, 0, 0, 7, 0, 9]);
    expect([...bufferOf(pattern, 1, 'pos')]).toEqual([0, 1, 1, 3]);
    expect([...bufferOf(pattern, 1, 'crd')]).toEqual([1, 0, 2]);
    expect([...values]).toEqual([5, 7, 9]);
    expect(() => bufferOf(pattern, 0, 'crd')).toThrow(
      /csr has no crd buffer at level 0; it has pos \(uint32\) at 1, j; crd \(uint16\) at 1, j/,
    );
  });

  it('keeps explicit zeros where a mask says so, and through conversions', () => {
    const tensor = assemble(csr, [1, 3], [0, 0, 2], { kept: Uint8Array.of(1, 0, 1) });
    expect([...tensor.values]).toEqual([0, 2]);
    expect([...convert(tensor, coo).values]).toEqual([0, 2]);
    expect(convert(tensor, csr)).toBe(tensor);
    expect([...entriesOf(tensor).index]).toEqual([0, 2]);
  });

  it('is counted: entries, bytes, density', () => {
    const { pattern } = assemble(tiles(2), [3, 3], [1, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(countOf(pattern)).toBe(5); // a whole block, and the corner of another
    expect(densityOf(pattern)).toBeCloseTo(5 / 9);
    expect(bytesOf(pattern, 'float16')).toBe(pattern.structure.byteLength + 8 * 2);
  });

  it('holds every number type', () => {
    for (const dtype of ['float32', 'float64', 'int32', 'float16', 'bfloat16'] as const)
      expect([...toDense(assemble(csr, [1, 3], [0, 3, -2], { dtype }))]).toEqual([0, 3, -2]);
  });
});

describe('fixed levels', () => {
  it('fill up groups that have fewer, and refuse groups that have more', () => {
    const tensor = assemble(pairs, [2, 6], [0, 0, 3, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    check(tensor.pattern);
    expect([...bufferOf(tensor.pattern, 2, 'crd')]).toEqual([0, 2, 0, 1, 0, 1, 0, 1]);
    expect([...tensor.values]).toEqual([0, 3, 0, 1, 0, 0, 0, 0]);
    expect(() => assemble(pairs, [1, 4], [1, 2, 0, 3])).toThrow(
      /pairs cannot hold the entry at \[0, 0\]: a group of j%4 has 3 entries, and 2 fit; prune/,
    );
  });

  it('read their coordinate through a table where they have one', () => {
    const level2 = 2;
    const format = palette();
    const pattern = makePattern(
      format,
      [4, 5],
      [
        { level: level2, role: 'table', data: [4, 1, 0, 3] },
        { level: level2, role: 'crd', data: [0, 1, 1, 1] },
      ],
    );
    const seen: number[][] = [];
    walk(pattern, (at) => seen.push([...at]));
    expect(seen).toEqual([
      [0, 4],
      [1, 1],
      [2, 3],
      [3, 3],
    ]);
    expect([...flatIndex(pattern)]).toEqual([4, 6, 13, 18]);
  });
});

describe('levels in their second forms, and the kinds beside them', () => {
  const holds = (make: Format, shape: readonly number[], given: Float32Array): void => {
    const tensor = assemble(make, shape, given);
    check(tensor.pattern);
    expect(toDense(tensor)).toEqual(given);
    expect([...entriesOf(convert(tensor, csr)).index]).toEqual([...entriesOf(tensor).index]);
    const few = layout({ ...make.layout.spec, name: 'a copy' })(make.params);
    expect(toDense(convert(tensor, few))).toEqual(given);
  };
  const sparse = (size: number, every: number): Float32Array =>
    Float32Array.from({ length: size }, (_, at) => (at % every === every - 1 ? at + 1 : 0));

  it('gaps may be wide anywhere in a tree', () => {
    const gaps = { delta: true } as const;
    const below = [
      level.dense('j'),
      level.compressed('j'),
      level.bitmask('j'),
      level.masked('j'),
      level.fixed('j', 2),
      level.compressed('j', gaps),
    ];
    for (const inner of below) {
      const made = layout({ name: 'gaps', levels: () => [level.compressed('i', gaps), inner] });
      holds(made(), [900, 3], sparse(2700, 1400));
      holds(made(), [900, 3], new Float32Array(2700));
    }
    const one = layout({
      name: 'one',
      levels: () => [level.compressed('i', gaps), level.singleton('j')],
    });
    holds(one(), [900, 3], sparse(2700, 1400));
    const wide = layout({
      name: 'wide',
      levels: () => [level.dense('i'), level.compressed('j', { delta: true, width: 'uint16' })],
    });
    holds(wide(), [1, 70000], sparse(70000, 69000));
  });

  it('gaps are refused where coordinates may repeat, or are not listed', () => {
    const twice = layout({
      name: 'twice',
      levels: () => [level.compressed('i', { delta: true, unique: false }), level.singleton('j')],
    });
    expect(() => assemble(twice, [1, 1], [1])).toThrow(
      /level "i" is stored as gaps; only compressed/,
    );
  });

  it('orders may be fixed by parameters, and may depend on outer levels', () => {
    const reversed = layout({
      name: 'reversed',
      levels: () => [
        level.dense('i', { by: { name: 'order', over: [], data: [2, 0, 1] } }),
        level.compressed('j'),
      ],
    });
    const tensor = assemble(reversed, [3, 2], [1, 0, 2, 3, 0, 4]);
    expect([...tensor.values]).toEqual([4, 1, 2, 3]);
    holds(reversed(), [3, 2], Float32Array.of(1, 0, 2, 3, 0, 4));
    const perRow = layout({
      name: 'perRow',
      levels: () => [level.dense('i'), level.dense('j', { by: { name: 'order', over: ['i'] } })],
      assign: ({ shape: [rows, columns] }) => ({
        order: Uint8Array.from(
          { length: rows! * columns! },
          (_, at) => ((at % columns!) + Math.floor(at / columns!)) % columns!,
        ),
      }),
    });
    expect([...assemble(perRow, [2, 3], [1, 2, 3, 4, 5, 6]).values]).toEqual([1, 2, 3, 5, 6, 4]);
  });

  it('a choice that is no order is refused beside lists', () => {
    const odd = layout({
      name: 'odd',
      levels: () => [level.compressed('i'), level.slot('p', 1), level.dense('j')],
    });
    expect(() => assemble(odd, [1, 1], [1])).toThrow(/layout odd has a slot and no assign/);
    const table = layout({
      name: 'table',
      levels: () => [
        level.compressed('i'),
        level.fixed('j', 1, { by: { name: 't', over: ['i'] } }),
      ],
    });
    expect(() => assemble(table, [1, 1], [1])).toThrow(/only the order of a dense level/);
  });

  it('diagonals run along any two dimensions of more', () => {
    const stack = layout({
      name: 'stack',
      levels: () => [level.dense('i'), level.compressed('k-j'), level.range('j', 'k-j')],
    });
    const given = numbers(2 * 3 * 4, 5);
    const tensor = assemble(stack, [2, 3, 4], given);
    check(tensor.pattern);
    expect(toDense(tensor)).toEqual(given);
  });

  it('a diagonal without its range, or with another, is refused', () => {
    const refused: readonly (readonly LevelSpec[])[] = [
      [level.compressed('j-i'), level.dense('i')],
      [level.compressed('j-i'), level.range('i', 'j')],
      [level.range('i', 'j-i'), level.compressed('j-i')],
      [level.compressed('j-i'), level.range('j', 'j-i')],
    ];
    for (const levels of refused)
      expect(() =>
        assemble(layout({ name: 'odd', levels: () => levels }), [2, 2], [1, 0, 0, 1]),
      ).toThrow(SparseError);
  });
});

describe('walk', () => {
  it('passes over what reaches past the shape; the flat index marks it', () => {
    const { pattern } = assemble(tiles(2), [3, 3], [0, 0, 0, 0, 0, 0, 0, 0, 9]);
    const seen: string[] = [];
    walk(pattern, ([i, j], position) => seen.push(`${i},${j}@${position}`));
    expect(seen).toEqual(['2,2@0']);
    expect([...flatIndex(pattern)]).toEqual([8, outside, outside, outside]);
  });

  it('with flat indices is walk with coordinates, ragged or not', () => {
    for (const shape of [
      [4, 6],
      [5, 7],
    ]) {
      const given = numbers(shape[0]! * shape[1]!, 3);
      for (const format of [...formats, pairs()]) {
        const few = format.layout === pairs ? given.map((x, at) => (at % 2 ? 0 : x)) : given;
        const { pattern } = assemble(format, shape, few);
        const [a, b]: [number[], number[]] = [[], []];
        walk(pattern, ([i, j], position) => a.push(i! * shape[1]! + j!, position));
        walkFlat(pattern, (flat, position) => b.push(flat, position));
        expect(b).toEqual(a);
      }
    }
  });
});

describe('assemble', () => {
  it('refuses numbers or a mask of another length, entries given twice, and shapes that are none', () => {
    expect(() => assemble(csr, [2, 2], [1])).toThrow(
      /\[2, 2\] has 4 elements, and 1 numbers were given/,
    );
    expect(() => assemble(csr, [1, 2], [1, 2], { kept: Uint8Array.of(1) })).toThrow(/mask of kept/);
    expect(() => assemble(csr, [-1, 2], [])).toThrow(/\[-1, 2\] is not a shape/);
    const twice = { shape: [1, 2], index: Uint32Array.of(1, 1), values: [1, 2] };
    expect(() => fromEntries(csr, twice)).toThrow(/entry 1 is given twice; add duplicates up/);
  });

  it('drops zeros of either sign and keeps all else, whatever array the numbers are in', () => {
    const numbers = [0, -0, 1, Number.NaN, 2 ** -149, -0, Infinity, -(2 ** -149)];
    const stored = Float32Array.of(1, Number.NaN, 2 ** -149, Infinity, -(2 ** -149));
    for (const given of [numbers, Float32Array.from(numbers), Float64Array.from(numbers)]) {
      const made = assemble(csr, [2, 4], given);
      expect(made.values).toEqual(stored);
      expect([...bufferOf(made.pattern, 1, 'crd')]).toEqual([2, 3, 0, 2, 3]);
    }
  });
  it('stores in the order of the levels, whichever of them row-major order sorts already', () => {
    const exprs = [
      ['i/2', 'j', 'i%2'],
      ['i%2', 'j', 'i/2'],
      ['j%2', 'i', 'j/2'],
      ['j/2', 'i/2', 'i%2', 'j%2'],
      ['j/2', 'i/2', 'j%2', 'i%2'],
      ['i/2', 'i%2', 'j'],
      ['j/4', 'j/2%2', 'i', 'j%2'],
    ];
    const numbers = Float32Array.from({ length: 63 }, (_, at) => ((at * 37) % 5 < 2 ? at + 1 : 0));
    for (const [k, own] of exprs.entries()) {
      const listed = layout({
        name: `listed${k}`,
        levels: () => own.map((expr) => level.compressed(expr)),
      });
      const made = assemble(listed, [7, 9], numbers);
      expect(() => check(made.pattern)).not.toThrow();
      expect(toDense(made)).toEqual(numbers);
    }
  });
  it('refuses entries off a diagonal', () => {
    const diagonal = layout({ name: 'diagonal', levels: () => [level.dense('i=j')] });
    expect(toDense(assemble(diagonal, [2, 2], [1, 0, 0, 2]))).toEqual(Float32Array.of(1, 0, 0, 2));
    expect(() => assemble(diagonal, [2, 2], [1, 3, 0, 2])).toThrow(
      /diagonal cannot hold the entry at \[0, 1\]: its coordinates disagree at level i=j/,
    );
  });
});

describe('check', () => {
  const sound = (): Pattern => assemble(tiles(2), [5, 7], numbers(35, 2)).pattern;

  it('finds every change of one byte of a structure', () => {
    for (const format of [...formats, pairs()]) {
      const few = numbers(35, 2).map((x, at) => (at % 2 ? 0 : x));
      const { pattern } = assemble(format, [5, 7], few);
      for (let at = 0; at < pattern.structure.length; at++) {
        pattern.structure[at]! ^= 1 << (at % 8);
        expect(() => check(pattern), `${at}`).toThrow(SparseError);
        pattern.structure[at]! ^= 1 << (at % 8);
      }
      check(pattern);
    }
  });

  it('names the level, the buffer and the place', () => {
    const pattern = assemble(csr, [2, 3], [1, 2, 0, 0, 0, 3]).pattern;
    const crd = viewOf(pattern, pattern.buffers[1]!);
    crd[1] = 7;
    expect(() => check(pattern)).toThrow(/csr: crd\[1\] of level j is 7, past 2/);
    crd[1] = 0;
    expect(() => check(pattern)).toThrow(/csr: crd\[1\] of level j is 0 after 0/);
    crd[1] = 2;
    expect(() => check(pattern)).toThrow(
      /the structure has changed since it was made; patterns are/,
    );
  });

  it('takes what is sound', () => {
    expect(() => check(sound())).not.toThrow();
    expect(() =>
      check(
        makePattern(
          csr(),
          [2, 2],
          [
            { level: 1, role: 'pos', data: [0, 1, 2] },
            { level: 1, role: 'crd', data: [1, 0] },
          ],
        ),
      ),
    ).not.toThrow();
  });

  it('makePattern refuses a buffer that is missing or of another length', () => {
    const pos = { level: 1, role: 'pos', data: [0, 1, 2] } as const;
    expect(() => makePattern(csr(), [2, 2], [pos])).toThrow(/the crd buffer of level 1 is missing/);
    expect(() => makePattern(csr(), [2, 2], [pos, { level: 1, role: 'crd', data: [1] }])).toThrow(
      /csr: crd of level j has 1 elements, and 2 are needed/,
    );
  });
});
