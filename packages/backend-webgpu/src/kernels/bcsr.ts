// Blocks of r × c: rows of a block share their columns, so that a loaded vector of x serves several sums, and
// the loop is bound by multiply-adds, as dense is. Row groups, bcsr(4,1), are the best case.
//
//            columns of a block row        bcsr(4,1), an entry: one vector of W, half a word of coordinate,
//          ┌───┐     ┌───┐     ┌───┐       4 vectors of x, 16 vector multiply-adds; 8 threads share a row
//   4 rows │ v │     │ v │     │ v │       group at 128 columns, and one workgroup makes 8 of them.
//          └───┘     └───┘     └───┘       A thread takes at most four rows of a taller block.
import type { OperandType } from '@lacuna/ir';
import { bcsr } from '@lacuna/layouts';
import { float32, type Arithmetic } from './arithmetic.js';
import { coordinates, widthOf } from './coordinates.js';
import type { Family, Inner } from './family.js';
import { addTo, each, loadX, settleAt, stride } from './tile.js';
import type { Values } from './values.js';

/** Rows of a block that a thread takes at once: the most, up to four, that divide it. */
function part(r: number): number {
  return [4, 3, 2].find((s) => r % s === 0) ?? 1;
}

const sides = ({ format }: OperandType): { readonly r: number; readonly c: number } => ({
  r: format.params['rows']!,
  c: format.params['columns']!,
});

/** Whether a thread's rows of a block are one vector of values. */
const inFours = (w: OperandType): boolean => sides(w).c === 1 && part(sides(w).r) === 4;

const read = (w: OperandType, { values } = float32): Values => values(w, inFours(w));

/** WGSL of an entry's column and of its step of the sums, for column `jj` of block q. */
function step(
  w: OperandType,
  wide: number,
  [q, e]: readonly [q: string, e: string],
  arithmetic: Arithmetic,
): string {
  const x = 'x';
  const { r, c } = sides(w);
  const s = part(r);
  if (c === 1) {
    const fours = inFours(w);
    const value = (i: number): string =>
      fours ? `${x}w[${i}]` : read(w, arithmetic).value(`${q} * ${r}u + offset + ${i}u`);
    return `${fours ? `let ${x}w = ${read(w, arithmetic).four(`(${q} * ${r}u + offset) / 4u`)};` : ''}
${loadX(wide, e, x, arithmetic)}
${each(s, (i) => addTo(i, wide, value(i), x, arithmetic))}`;
  }
  const ragged = w.shape[1]! % c !== 0;
  return `for (var jj = 0u; jj < ${c}u; jj++) {
  let j = ${e} * ${c}u + jj;
  ${ragged ? 'if (j >= p.k) { break; }' : ''}
  ${loadX(wide, 'j', x)}
  ${each(s, (i) => `let w${i} = ${read(w).value(`(${q} * ${r}u + offset + ${i}u) * ${c}u + jj`)};\n${addTo(i, wide, `w${i}`, x)}`)}
}`;
}

/** Four vectors of W at a time where blocks are single columns. */
function loop(w: OperandType, wide: number, arithmetic: Arithmetic): string {
  const { r, c } = sides(w);
  const parts = r / part(r);
  const at = (q: string, e: string): string => step(w, wide, [q, e], arithmetic);
  const fours =
    c === 1
      ? `
let first = min(end, (q + 3u) & ~3u);
for (; q < first; q++) {
  let e = crd(q);
  ${at('q', 'e')}
}
for (; q + 4u <= end; q += 4u) {
  let e4 = crd4(q);
  ${each(4, (i) => `{\n${at(`(q + ${i}u)`, `e4[${i}]`)}\n}`)}${settleAt('q', part(r), wide, arithmetic)}
}`
      : '';
  return `
let block = item / ${parts}u;
let offset = item % ${parts}u * ${part(r)}u;
let end = s[p.pos + block + 1u];
var q = s[p.pos + block];
${fours}
for (; q < end; q++) {
  let e = crd(q);
  ${at('q', 'e')}
}`;
}

function inner(w: OperandType, arithmetic = float32): Inner {
  const { r, c } = sides(w);
  const ragged = c > 1 && w.shape[1]! % c !== 0;
  const s = part(r);
  const width = widthOf(w, 1);
  return {
    key: `bcsr ${r} ${c} ${width} ${ragged}`,
    rows: s,
    items: Math.ceil(w.shape[0]! / r) * (r / s),
    row: (i) => `item / ${r / s}u * ${r}u + item % ${r / s}u * ${s}u + ${i}u`,
    params: ['crd', 'pos'],
    buffers: [{ name: 's', type: 'array<u32>' }],
    values: read(w, arithmetic),
    arithmetic,
    head: coordinates(width),
    loop: (wide) => loop(w, wide, arithmetic),
  };
}

/** One position: a number of x an entry for all rows of the group, which are the lanes of one sum. */
function vector(w: OperandType, spread: boolean): Inner {
  const { r, c } = sides(w);
  const s = part(r);
  const shared = inner(w);
  const lanes = inFours(w);
  const { value, four } = shared.values;
  const add = (q: string, e: string): string =>
    `sum = fma(${four(`(${q} * ${r}u + offset) / 4u`)}, vec4f(x[${e}]), sum);`;
  const single = `
for (var jj = 0u; jj < ${c}u; jj++) {
  let j = e * ${c}u + jj;
  if (j >= p.k) { break; }
  let xj = x[j];
  ${each(s, (i) => `a${i}[0] = fma(${value(`(q * ${r}u + offset + ${i}u) * ${c}u + jj`)}, xj, a${i}[0]);`)}
}`;
  return {
    ...shared,
    key: `${shared.key} vector`,
    gathers: true,
    spread,
    loop: () => `
let block = item / ${r / s}u;
let offset = item % ${r / s}u * ${s}u;
let begin = s[p.pos + block];
let end = s[p.pos + block + 1u];
${
  lanes
    ? `
var sum = vec4f();
let first = min(end, (begin + 3u) & ~3u);
for (${stride('var q = begin', 1, 'q < first', spread)}) { ${add('q', 'crd(q)')} }
for (${stride('var q = first', 4, 'q + 4u <= end', spread)}) {
  let e4 = crd4(q);
  ${each(4, (i) => add(`(q + ${i}u)`, `e4[${i}]`))}
}
for (${stride('var q = max(first, end & ~3u)', 1, 'q < end', spread)}) { ${add('q', 'crd(q)')} }
${each(s, (i) => `a${i}[0] = sum[${i}];`)}`
    : `
for (${stride('var q = begin', 1, 'q < end', spread)}) {
  let e = crd(q);
  ${single}
}`
}`,
  };
}

/** Products with blocks, or row groups, on the left. */
export const bcsrFamily: Family = {
  name: 'rows',
  layout: bcsr,
  takes: () => true,
  share: (w, n) => {
    const s = part(sides(w).r);
    const most = [0, 0.5, 0.7, 0.85, 1][s]!;
    return n === 1 ? 0.15 : most * Math.min(1, (n + 8) / 40);
  },
  wide: (n) => (n >= 64 ? 4 : 2),
  inner: (w) => inner(w),
  half: (w, arithmetic) => (sides(w).c === 1 ? inner(w, arithmetic) : undefined),
  vector,
  bind: (w) => ({
    params: [w.word(1, 'crd'), w.word(1, 'pos')],
    buffers: [w.structure, w.values],
  }),
};
