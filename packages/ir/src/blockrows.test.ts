// What is written down for rows of blocks gives the bytes of what any layout takes: entries, sorted and stored.
import { describe, expect, it } from 'vitest';
import { assemble, densePattern, fromEntries } from './assemble.js';
import { check } from './check.js';
import { convert } from './convert.js';
import { dense } from './dense.js';
import { entriesOf, toDense } from './derive.js';
import { decodeValues, encodeValues, type DType } from './dtype.js';
import { int, layout, type Format } from './layout.js';
import { level } from './level.js';
import { makeTensor, type Tensor } from './tensor.js';

const csr = layout({ name: 'csr', levels: () => [level.dense('i'), level.compressed('j')] });
const csc = layout({ name: 'csc', levels: () => [level.dense('j'), level.compressed('i')] });
const other = layout({ name: 'other', levels: () => [level.dense('i'), level.compressed('j')] });
const bcsr = layout({
  name: 'bcsr',
  params: { rows: int(1, 64), columns: int(1, 64) },
  levels: ({ rows, columns }) => [
    level.dense(`i/${rows}`),
    level.compressed(`j/${columns}`),
    level.dense(`i%${rows}`),
    level.dense(`j%${columns}`),
  ],
});

const formats: readonly Format[] = [
  csr(),
  csc(),
  other(),
  bcsr(1, 1),
  bcsr(4, 1),
  bcsr(1, 3),
  bcsr(2, 2),
  bcsr(3, 5),
];
const shapes = [
  [0, 3],
  [3, 0],
  [1, 1],
  [3, 5],
  [5, 7],
  [4, 64],
  [33, 70],
] as const;

/** Numbers with the share of them zero, and of all kinds. */
function numbers(count: number, density: number, seed: number): Float64Array {
  let state = seed;
  const next = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  const odd = [0, -0, NaN, Infinity, 2 ** -140];
  return Float64Array.from({ length: count }, () => {
    if (next() >= density) return 0;
    return next() < 0.1 ? odd[Math.floor(next() * odd.length)]! : 2 * next() - 1;
  });
}

/** The first byte of values or structure that differs, −1 for none. */
function difference(a: Tensor, b: Tensor): number {
  const bytes = ({ values, pattern: { structure } }: Tensor): Uint8Array => {
    const all = new Uint8Array(values.byteLength + structure.length);
    all.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    all.set(structure, values.byteLength);
    return all;
  };
  const [x, y] = [bytes(a), bytes(b)];
  return x.length === y.length ? x.findIndex((byte, at) => byte !== y[at]) : x.length;
}

describe('a change of layout', () => {
  for (const dtype of ['float32', 'int32', 'float64', 'float16'] as const satisfies DType[])
    it(`of ${dtype} gives the bytes of entries that are stored one by one`, () => {
      for (const [m, k] of shapes)
        for (const density of [0, 0.1, 0.6, 1]) {
          const all = numbers(m * k, density, 3 + m + k).map((v) =>
            dtype === 'int32' ? (Number.isFinite(v) ? Math.round(9 * v) : 1) : v,
          );
          const plain = assemble(dense(), [m, k], all, { dtype });
          for (const from of [dense(), ...formats])
            for (const to of formats) {
              const t = convert(plain, from);
              const words = `${t.toString()} to ${to.layout.layoutName}`;
              const got = convert(t, to);
              const given = decodeValues(dtype, plain.values);
              const want =
                from.layout === dense
                  ? assemble(to, [m, k], given, { dtype })
                  : fromEntries(to, entriesOf(t), dtype);
              expect(difference(got, want), words).toBe(-1);
              check(got.pattern);
              const back = makeTensor(
                densePattern([m, k]),
                dtype,
                encodeValues(dtype, toDense(got)),
              );
              expect(difference(convert(got, dense()), back), words).toBe(-1);
              expect(got.values === t.values && got !== t, words).toBe(false);
            }
        }
    });
});
