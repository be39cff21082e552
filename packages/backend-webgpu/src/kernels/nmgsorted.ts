// n:m:g over columns sorted by the patterns of several blocks (nmgtable.ts), which a thread makes together, so that a
// loaded vector of x serves n rows of each. Which sums a column goes to is known where its combination begins:
//
//   for the pattern of block 0:               n sums t, added to the rows of the pattern where it ends
//     for each pattern of block 1, written out:
//       for its columns:                      t += v0·x,  sums of block 1 += v1·x
//
//            a column, 2 blocks of 1:8, `wide` vectors: wide vectors of x, one word, 2 values, 2·wide vector
//            multiply-adds; CSR makes wide of them of as many. 3 blocks of 1:4: 3·wide; 2 of 2:4: 4·wide.
//            bytes: a word a column for all blocks, where coordinates are 16 bits each, and half a word a combination.
//            The place of the next column is computed among the loads of this one, which would have to wait for it.
//            Trips of a loop are the same for all threads of a row, and not for those of other rows: right where
//            loads bound, as on a processor. A card takes the loops of nmg.ts, whose threads never part; the race of
//            dense tiles tells which as a backend comes up. Workgroups: M/(blocks·m·4) × N/(16·4·wide) of 64 threads.
import type { OperandType } from '@lacuna/ir';
import { patternOrder } from '@lacuna/layouts';
import type { Inner } from './family.js';
import { rowsOfPatterns, toRows } from './nmgrows.js';
import { tableOf, type Table } from './nmgtable.js';
import { each } from './tile.js';
import { valuesOf, type Values } from './values.js';

/** Patterns up to which the loops of the last block are written out: one each. */
const written = 8;

/** WGSL of a function that reads a column's word. Shifts are dear where vectors have none, as on a processor. */
const columnAt = ({ bits }: Table): string => `
fn columnAt(base: u32, q: u32) -> u32 {
  return ${bits === 32 ? 's[base + q]' : '(s[base + (q >> 1u)] >> ((q & 1u) * 16u)) & 0xffffu'};
}`;

/** WGSL that says where a column `e` is: `at` in x, and its places `r{b}` among the values, but for the pattern's. */
function decode({ g, patterns, blocks, place, column }: Table, tiled: boolean): readonly string[] {
  const span = patterns * g;
  const shifted = `(e >> ${blocks * place}u)`;
  const chunk =
    2 ** column === span
      ? [`let j = ${shifted};`, `let first = j & ${2 ** 32 - span}u;`]
      : [
          `let first = (e >> ${column + blocks * place}u) * ${span}u;`,
          `let j = first + (${shifted} & ${2 ** column - 1}u);`,
        ];
  const places = Array.from({ length: blocks }, (_, b) => {
    const own = b ? `(e >> ${b * place}u)` : 'e';
    return `r${b} = first * down + (${own} & ${2 ** place - 1}u);`;
  });
  return [...chunk, tiled ? 'at = j * step + tile;' : 'at = j * step + c;', ...places];
}

/** A column: `sum` names the sum of value i of block b. */
function columnOf(
  table: Table,
  values: Values,
  [wide, tiled]: readonly [wide: number, tiled: boolean],
  sum: (b: number, i: number) => string,
): string {
  const { n, blocks } = table;
  const all = <T>(line: (b: number, i: number) => T): readonly T[] =>
    Array.from({ length: blocks * n }, (_, at) => line(Math.floor(at / n), at % n));
  const add = (v: number): readonly string[] =>
    all((b, i) => `${sum(b, i)}_${v} = fma(w${b}_${i}, x${v}, ${sum(b, i)}_${v});`);
  const todo = [...decode(table, tiled)];
  const lines = [
    'let now = at;',
    ...all((b, i) => `let v${b}_${i} = (r${b} + before${b}) * ${n}u + ${i}u;`),
    'let e = columnAt(columns, q + 1u); // after the last one, its places are not used',
    ...all((b, i) => `let w${b}_${i} = vec4f(${values.value(`v${b}_${i}`)});`),
    ...(tiled ? ['let xs = x[now];'] : []),
  ];
  for (let v = 0; v < wide; v++) {
    lines.push(`let x${v} = ${tiled ? `xs[${v}]` : `x[now + ${v}u]`};`);
    lines.push(...todo.splice(0, Math.ceil(todo.length / (wide - v))));
    if (v > 0) lines.push(...add(v - 1));
  }
  return [...lines, ...add(wide - 1)].join('\n');
}

/** The loop over combinations of patterns. */
export function sortedInner(w: OperandType): Inner {
  const table = tableOf(w)!;
  const { n, m, g, patterns, blocks, head } = table;
  const values = valuesOf(w, false);
  const order = patternOrder(n, m);
  const last = blocks - 1;
  const outwritten = patterns <= written;
  const before = (b: number, p: string): string =>
    `let before${b} = (item * ${blocks}u + ${b}u) * ${patterns * g}u + ${p};`;
  const combination = (column: string): string => `
let end = (s[table + (combination >> 1u)] >> ((combination & 1u) * 16u)) & 0xffffu;
combination++;
for (; q < end; q++) {
${column}
}`;
  const level = (b: number, wide: number, tiled: boolean): string => {
    const column = (rows?: readonly number[]): string =>
      columnOf(table, values, [wide, tiled], (of, i) =>
        rows && of === last ? `a${last * m + rows[i]!}` : `t${of}_${i}`,
      );
    if (b === last && outwritten)
      return order
        .map((rows, p) => `{\n${before(b, `${p * g}u`)}${combination(column(rows))}\n}`)
        .join('\n');
    return `
for (var p${b} = 0u; p${b} < ${patterns}u; p${b}++) {
  ${before(b, `p${b} * ${g}u`)}
  ${each(n, (i) => each(wide, (v) => `var t${b}_${i}_${v} = vec4f();`))}
  ${b === last ? combination(column()) : level(b + 1, wide, tiled)}
  ${toRows(table, wide, `p${b}`, `t${b}_`, b * m)}
}`;
  };
  return {
    key: `nmg sorted ${n} ${m} ${g} ${blocks}`,
    rows: blocks * m,
    items: Math.ceil(Math.ceil(w.shape[0]! / m) / blocks),
    row: (r) => `item * ${blocks * m}u + ${r}u`,
    params: [],
    buffers: [{ name: 's', type: 'array<u32>' }],
    values,
    tiles: true,
    head: `${rowsOfPatterns(table)}
${columnAt(table)}`,
    loop: (wide, tiled) => `
let down = (p.m + ${m - 1}u) / ${m}u;
let table = item * (${head}u + ${table.bits === 32 ? 'p.k' : '(p.k + 1u) / 2u'});
let columns = table + ${head}u;
let step = p.ldx${tiled ? ` / ${wide}u` : ''};
${tiled ? `let tile = c / ${wide}u;` : ''}
var q = 0u;
var combination = 0u;
var at = 0u;
${each(blocks, (b) => `var r${b} = 0u;`)}
{
  let e = columnAt(columns, 0u);
  ${decode(table, tiled).join('\n')}
}
${level(0, wide, tiled)}`,
  };
}
