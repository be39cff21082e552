// n:m:g, blocks along the outputs: a thread makes all m rows of a block for its columns. The patterns are
// constants of the program, in the layout's (Gray) order, so that which sums an entry goes to is known to the
// compiler, and the m sums stay in registers.
//
//   chunk of C·g columns      pattern p: rows order[p]        an entry: n values, one coordinate, 2 vectors
//   ┌────────────────┐                                         of x, 2·n vector multiply-adds. With n = 1 it
//   │ p0 p0 p1 p1 …  │ m rows    a{row} += v·x                 is bound by x, as CSR is. Workgroups:
//   └────────────────┘                                         M/(4·m) × N/(8·16).
// Where loads bound and zeros are few, nmgcolumns.ts is faster.
import type { OperandType } from '@lacuna/ir';
import { nmg, patternOrder } from '@lacuna/layouts';
import { coordinates, widthOf } from './coordinates.js';
import { each, loadX, type Family, type Inner } from './family.js';
import { byColumns, columnsInner, paramsOf, placesByColumn, type Nmg } from './nmgcolumns.js';
import { valuesOf, type Values } from './values.js';

/** Sums and patterns beyond which the program would be too large to compile or to keep in registers. */
const most = { m: 16, patterns: 48 } as const;

/** How an entry of column `j` goes to a sum. */
interface Step {
  readonly vector: boolean;
  /** WGSL that loads x of entry `e`. */
  readonly load: (wide: number, e: number) => string;
  /** Parts of a row's sum, and WGSL of the sum after entry `e`. */
  readonly parts: (wide: number) => readonly { readonly name: string; readonly x: string }[];
}

const columns: Step = {
  vector: false,
  load: (wide, e) => loadX(wide, `j${e}`, `x${e}_`),
  parts: (wide) => Array.from({ length: wide }, (_, v) => ({ name: `_${v}`, x: `_${v}` })),
};
/** One position: x is contiguous, and the first lane of each sum is used. */
const single: Step = {
  vector: true,
  load: (_, e) => `let x${e} = x[j${e}];`,
  parts: () => [{ name: '[0]', x: '' }],
};

/** Entries up to which a chunk is one straight piece of code. */
const straight = 64;

/**
 * A group in pieces: whole where a chunk is short, in fours where it is long, singly where g is no multiple of
 * four. Sums pass from entry to entry by name, and are written back once a piece.
 */
function loop(params: Nmg, values: Values, ragged: boolean, wide: number, step: Step): string {
  const { n, m, g, patterns } = params;
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
      .flatMap((row, i) =>
        step.parts(wide).map(({ name, x }) => {
          const w = step.vector ? value(e, i) : `vec4f(${value(e, i)})`;
          // A sum that an entry may leave alone has to be a variable.
          return ragged
            ? `a${row}${name} = fma(${w}, x${e}${x}, a${row}${name});`
            : `let s${e}_${i}${x} = fma(${w}, x${e}${x}, ${e === 0 ? `a${row}${name}` : `s${e - 1}_${i}${x}`});`;
        }),
      )
      .join('\n');
  const entry = (rows: readonly number[], e: number): string => {
    const body = `${step.load(wide, e)}\n${add(rows, e)}`;
    return `${column(e)}\n${ragged ? `if (j${e} < p.k) {\n${body}\n}` : body}`;
  };
  const back = (rows: readonly number[]): string =>
    rows
      .flatMap((row, i) =>
        step.parts(wide).map(({ name, x }) => `a${row}${name} = s${piece - 1}_${i}${x};`),
      )
      .join('\n');
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
for (var chunk = 0u; chunk * ${patterns * g}u < p.k; chunk++) {
  let first = chunk * ${patterns * g}u;
  var q = (chunk * blocks + item) * ${patterns * g}u;
  ${patternOrder(n, m).map(group).join('\n')}
}`;
}

function inner(w: OperandType, step: Step): Inner {
  const params = paramsOf(w);
  const { n, m, g, patterns } = params;
  const ragged = w.shape[1]! % (patterns * g) !== 0;
  const width = widthOf(w, 3);
  const values = valuesOf(w, g % 4 === 0);
  return {
    key: `nmg ${n} ${m} ${g} ${width} ${ragged} ${step.vector ? 'vector' : ''}`,
    gathers: step.vector,
    rows: m,
    items: Math.ceil(w.shape[0]! / m),
    row: (r) => `item * ${m}u + ${r}u`,
    params: ['crd'],
    buffers: [{ name: 's', type: 'array<u32>' }],
    values,
    head: coordinates(width),
    loop: (wide) => loop(params, values, ragged, wide, step),
  };
}

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
  share: (w, n) => (paramsOf(w).n > 1 ? 0.6 : 0.5) * (n === 1 ? 0.1 : Math.min(1, (n + 8) / 40)),
  // Loads of W and of coordinates serve more columns, where the sums are few, or the code is a piece that repeats.
  wide: (positions, w) => {
    const { n, m, g, patterns } = paramsOf(w);
    return positions >= 64 && ((n === 1 && m <= 4) || patterns * g > straight) ? 4 : 2;
  },
  derive: placesByColumn,
  inner: (w, tuning, n) =>
    byColumns(paramsOf(w), tuning, n) ? columnsInner(w) : inner(w, columns),
  vector: (w) => inner(w, single),
  bind: (w, n, tuning) =>
    byColumns(paramsOf(w.operand), tuning, n)
      ? { params: [], buffers: [w.derived, w.values] }
      : { params: [w.word(3, 'crd')], buffers: [w.structure, w.values] },
};
