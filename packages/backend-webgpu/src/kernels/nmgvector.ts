// n:m:g for one position: a thread makes all m rows of a block. The patterns are constants of the program, in the
// layout's (Gray) order, so that which sums an entry goes to is known to the compiler.
//
//            an entry: n values, one coordinate, one number of x for n multiply-adds, where CSR loads one for each.
//            Four entries are a vector of coordinates, n of values, and 4·n multiply-adds. Workgroups: M/(64·m).
import type { OperandType } from '@lacuna/ir';
import { patternOrder } from '@lacuna/layouts';
import { coordinates, widthOf } from './coordinates.js';
import type { Inner } from './family.js';
import { paramsOf, type Nmg } from './nmgtable.js';
import { each, stride } from './tile.js';
import { valuesOf, type Values } from './values.js';

/** Entries up to which a chunk is one straight piece of code. */
const straight = 64;

/**
 * A group in pieces: whole where a chunk is short, in fours where it is long, singly where g is no multiple of
 * four. Sums pass from entry to entry by name, and are written back once a piece.
 */
function loop(
  { n, m, g, patterns }: Nmg,
  values: Values,
  ragged: boolean,
  spread: boolean,
): string {
  const four = g % 4 === 0;
  const piece = four ? (patterns * g <= straight ? g : 4) : 1;
  const value = (e: number, i: number): string => {
    const at = e * n + i;
    return four ? `v${Math.floor(at / 4)}[${at % 4}]` : values.value(`q * ${n}u + ${i}u`);
  };
  const column = (e: number): string =>
    `let j${e} = first + ${four ? `e${e >> 2}[${e & 3}]` : 'crd(q)'};`;
  const add = (rows: readonly number[], e: number): string =>
    rows
      .map((row, i) =>
        // A sum that an entry may leave alone has to be a variable.
        ragged
          ? `a${row}[0] = fma(${value(e, i)}, x${e}, a${row}[0]);`
          : `let s${e}_${i} = fma(${value(e, i)}, x${e}, ${e === 0 ? `a${row}[0]` : `s${e - 1}_${i}`});`,
      )
      .join('\n');
  const entry = (rows: readonly number[], e: number): string => {
    const body = `let x${e} = x[j${e}];\n${add(rows, e)}`;
    return `${column(e)}\n${ragged ? `if (j${e} < p.k) {\n${body}\n}` : body}`;
  };
  const back = (rows: readonly number[]): string =>
    rows.map((row, i) => `a${row}[0] = s${piece - 1}_${i};`).join('\n');
  const body = (rows: readonly number[]): string => `{
  ${four ? each(piece / 4, (b) => `let e${b} = crd4(q + ${4 * b}u);`) : ''}
  ${four ? each((n * piece) / 4, (i) => `let v${i} = ${values.four(`q / 4u * ${n}u + ${i}u`)};`) : ''}
  ${each(piece, (e) => entry(rows, e))}
  ${ragged ? '' : back(rows)}
  q += ${piece}u;
}`;
  const group = (rows: readonly number[]): string =>
    piece === g ? body(rows) : `for (var t = 0u; t < ${g}u; t += ${piece}u) ${body(rows)}`;
  return `
let blocks = (p.m + ${m - 1}u) / ${m}u;
for (${stride('var chunk = 0u', 1, `chunk * ${patterns * g}u < p.k`, spread)}) {
  let first = chunk * ${patterns * g}u;
  var q = (chunk * blocks + item) * ${patterns * g}u;
  ${patternOrder(n, m).map(group).join('\n')}
}`;
}

/** The loop for one position. */
export function vectorInner(w: OperandType, spread: boolean): Inner {
  const params = paramsOf(w);
  const { n, m, g, patterns } = params;
  const ragged = w.shape[1]! % (patterns * g) !== 0;
  const width = widthOf(w, 3);
  const values = valuesOf(w, g % 4 === 0);
  return {
    key: `nmg ${n} ${m} ${g} ${width} ${ragged} vector`,
    gathers: true,
    spread,
    rows: m,
    items: Math.ceil(w.shape[0]! / m),
    row: (r) => `item * ${m}u + ${r}u`,
    params: ['crd'],
    buffers: [{ name: 's', type: 'array<u32>' }],
    values,
    head: coordinates(width),
    loop: () => loop(params, values, ragged, spread),
  };
}
