import { describe, expect, it } from 'vitest';
import { SparseError } from './error.ts';
import { holdsAny, int, layout, levelsOf } from './layout.ts';
import { formatOf, parseFormat, printFormat, sameFormat } from './format.ts';
import { level } from './level.ts';

const stripes = layout({
  name: 'stripes',
  params: { width: int(1, 64), skew: int(0, 3, 0) },
  refuse: ({ width, skew }) => (skew >= width ? `write stripes(${skew + 1})` : undefined),
  levels: ({ width }) => [
    level.compressed(`j/${width}`),
    level.dense('i'),
    level.dense(`j%${width}`),
  ],
});
const csr = layout({
  name: 'csr',
  rank: 2,
  levels: () => [level.dense('i'), level.compressed('j')],
});

describe('formats', () => {
  it('take parameters in order or by name, and print those that are not the default', () => {
    expect(printFormat(stripes(4))).toBe('stripes(4)');
    expect(printFormat(stripes({ width: 4, skew: 1 }))).toBe('stripes(4,skew=1)');
    expect(printFormat(formatOf(csr))).toBe('csr');
    expect(sameFormat(stripes(4), stripes({ width: 4, skew: 0 }))).toBe(true);
    expect(sameFormat(stripes(4), stripes(5))).toBe(false);
  });

  it('parse from their print', () => {
    for (const format of [csr(), stripes(4), stripes(4, 2)])
      expect(sameFormat(parseFormat(printFormat(format), [csr, stripes]), format)).toBe(true);
  });

  it.each([
    [
      () => stripes(0),
      /layout stripes was given width = 0, outside 1\.\.64; write stripes\(width: 1\.\.64, skew: 0\.\.3\)/,
    ],
    [() => stripes(1.5), /was given width = 1\.5/],
    [() => stripes(), /needs parameter width/],
    [() => stripes(1, 2, 3), /takes 2 parameters, and 3 were given/],
    [() => stripes({ widht: 2 }), /has no parameter "widht" \(nearest: width\)/],
    [() => stripes(2, 2), /was given width = 2, skew = 2: write stripes\(3\)/],
    [
      () => parseFormat('stripe(2)', [csr, stripes]),
      /no layout is called "stripe"; did you mean stripes\?/,
    ],
    [() => parseFormat('stripes(x)', [stripes]), /width = NaN/],
    [() => parseFormat('stripes(2', [stripes]), /no layout is called/],
  ])('refuse what makes no sense, and say what to write (%#)', (call, said) => {
    expect(call).toThrow(SparseError);
    expect(call).toThrow(said);
  });
});

describe('levels', () => {
  it('resolve sizes, rounding blocks up, and the narrowest width that is allowed', () => {
    const levels = levelsOf(stripes(4), [3, 10]);
    expect(levels.map(({ name, size, width }) => [name, size, width])).toEqual([
      ['j/4', 3, 'uint16'],
      ['i', 3, 'uint8'],
      ['j%4', 4, 'uint8'],
    ]);
    expect(levelsOf(csr(), [1, 70000])[1]!.width).toBe('uint32');
    expect(levelsOf(stripes(4), [3, 10])).not.toBe(levels); // another format object
    const format = stripes(4);
    expect(levelsOf(format, [3, 10])).toBe(levelsOf(format, [3, 10]));
  });

  it('bind two dimensions at once on a diagonal', () => {
    const diagonal = layout({ name: 'diagonal', levels: () => [level.dense('i=j')] });
    expect(levelsOf(diagonal(), [3, 5])[0]).toMatchObject({
      size: 3,
      binds: [{ dim: 0 }, { dim: 1 }],
    });
    expect(holdsAny(diagonal(), [3, 5])).toBe(false);
    expect(holdsAny(csr(), [3, 5])).toBe(true);
  });

  it('are refused for a rank that they are not for', () => {
    expect(() => levelsOf(csr(), [4])).toThrow(
      /layout csr is for 2 dimensions, and the shape is \[4\]/,
    );
    expect(() => levelsOf(stripes(4), [4])).toThrow(
      /level "j\/4" needs dimension j, and the tensor has 1/,
    );
    expect(() => levelsOf(stripes(4), [2, 3, 4])).toThrow(
      /layout stripes has no level for dimension k of \[2, 3, 4\]; use a layout made for this rank/,
    );
  });

  it('are refused for an expression that names no dimension', () => {
    for (const expr of ['q', 'i*2', 'i/0', 'i%', '']) {
      const odd = layout({ name: 'odd', levels: () => [level.dense(expr)] });
      expect(() => levelsOf(odd(), [4])).toThrow(
        /a level was described as ".*"; write a dimension/,
      );
    }
  });
});
