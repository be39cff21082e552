// n:m:g, blocks along the outputs: a thread makes all m rows of a block for its columns, one pattern after the other
// over all of K, so that n sums are all that its loop keeps; they go to the rows of the pattern where it ends.
//
//   chunk of C·g columns      for each pattern p           an entry of four: n/4 vectors of values, half a word or
//   ┌────────────────┐          for each chunk             less of coordinates, `wide` vectors of x, n·wide vector
//   │ p0 p0 p1 p1 …  │ m rows     its g columns:           multiply-adds. Trips are the same for all threads, and
//   └────────────────┘            t{i} += v{i}·x           weights are broadcast along columns. Workgroups:
//                               a{rows of p} += t          M/(4·m) × N/(64·wide) of 64 threads.
//
// Where loads of x bound, several blocks share them: nmgsorted.ts.
import type { OperandType } from '@lacuna/ir';
import { nmg } from '@lacuna/layouts';
import type { Tuning } from '../kernel.js';
import { block, float32, type Arithmetic } from './arithmetic.js';
import { coordinates, widthOf } from './coordinates.js';
import type { Family, Inner } from './family.js';
import { rowsOfPatterns, toRows } from './nmgrows.js';
import { sortedInner } from './nmgsorted.js';
import { paramsOf, sortedColumns, tableOf, type Nmg } from './nmgtable.js';
import { vectorInner } from './nmgvector.js';
import { addTo, declareSums, each, loadX, settle } from './tile.js';
import type { Values } from './values.js';

/** Sums and patterns beyond which a program would be too large to compile or to keep in registers. */
const most = { m: 16, patterns: 48 } as const;

function loop(
  params: Nmg,
  values: Values,
  ragged: boolean,
  wide: number,
  arithmetic: Arithmetic,
): string {
  const { partial = 't' } = arithmetic;
  const { n, m, g, patterns } = params;
  const four = g % 4 === 0;
  const piece = four ? 4 : 1;
  const value = (e: number, i: number): string => {
    const at = e * n + i;
    return four ? `v${Math.floor(at / 4)}[${at % 4}]` : values.value(`q * ${n}u + ${i}u`);
  };
  const entry =
    (guarded: boolean) =>
    (e: number): string => {
      const add = each(
        n,
        (i) => `let w${e}_${i} = ${arithmetic.four}(${value(e, i)});
${addTo(i, wide, `w${e}_${i}`, `x${e}_`, { ...arithmetic, partial })}`,
      );
      const body = `${loadX(wide, `j${e}`, `x${e}_`, arithmetic)}\n${add}`;
      return `let j${e} = first + ${four ? `e4[${e}]` : 'crd(q)'};
${guarded ? `if (j${e} < p.k) {\n${body}\n}` : body}`;
    };
  const group = (guarded: boolean): string => `
for (var q = start; q < start + ${g}u; q += ${piece}u) {
  ${four ? `let e4 = crd4(q);\n${each(n, (i) => `let v${i} = ${values.four(`q / 4u * ${n}u + ${i}u`)};`)}` : ''}
  ${each(piece, entry(guarded))}
}${settle(n, wide, arithmetic, 't')}`;
  const span = patterns * g;
  return `
let step = (p.m + ${m - 1}u) / ${m}u * ${span}u;
let whole = p.k - p.k % ${span}u;
for (var pattern = 0u; pattern < ${patterns}u; pattern++) {
  ${declareSums(n, wide, arithmetic, 't')}
  var start = item * ${span}u + pattern * ${g}u;
  var first = 0u;
  for (; first < whole; first += ${span}u) {${group(false)}
    start += step;
  }
  ${ragged ? group(true) : ''}
  ${toRows(params, wide, 'pattern', 't')}
}`;
}

function inner(w: OperandType, arithmetic = float32): Inner {
  const params = paramsOf(w);
  const { n, m, g, patterns } = params;
  const ragged = w.shape[1]! % (patterns * g) !== 0;
  const width = widthOf(w, 3);
  const values = arithmetic.values(w, g % 4 === 0);
  const { partial: _, ...whole } = arithmetic;
  return {
    key: `nmg ${n} ${m} ${g} ${width} ${ragged}`,
    rows: m,
    items: Math.ceil(w.shape[0]! / m),
    row: (r) => `item * ${m}u + ${r}u`,
    params: ['crd'],
    buffers: [{ name: 's', type: 'array<u32>' }],
    values,
    arithmetic: whole, // groups have partial sums, rows have not
    head: coordinates(width) + rowsOfPatterns(params),
    loop: (wide) => loop(params, values, ragged, wide, arithmetic),
  };
}

/** Whether columns are sorted: not on a card, whose threads had better not part. */
const sorted = (w: OperandType, { shared }: Tuning): boolean => !shared && tableOf(w) !== undefined;

/** Products with n:m:g on the left. */
export const nmgFamily: Family = {
  name: 'nmg',
  layout: nmg,
  takes: (w) => {
    const { along, group } = w.format.params;
    if (w.shape.length !== 2 || along !== 0 || group !== 1) return false;
    const { m, patterns } = paramsOf(w);
    return m <= most.m && patterns <= most.patterns;
  },
  share: (w, n) => (paramsOf(w).n > 1 ? 0.8 : 0.5) * (n === 1 ? 0.1 : Math.min(1, (n + 8) / 40)),
  wide: (positions) => (positions >= 64 ? 4 : 2),
  derive: sortedColumns,
  inner: (w, tuning) => (sorted(w, tuning) ? sortedInner(w) : inner(w)),
  half: (w, arithmetic) => (paramsOf(w).g <= block ? inner(w, arithmetic) : undefined),
  vector: vectorInner,
  bind: (w, n, tuning) =>
    n > 1 && sorted(w.operand, tuning)
      ? { params: [], buffers: [w.derived, w.values] }
      : { params: [w.word(3, 'crd')], buffers: [w.structure, w.values] },
};
