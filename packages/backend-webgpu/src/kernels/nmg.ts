// n:m:g, blocks along the outputs: a thread makes all m rows of a block for its columns. The patterns are
// constants of the program, in the layout's (Gray) order, so that which sums an entry goes to is known to the
// compiler, and the m sums stay in registers.
//
//   chunk of C·g columns      pattern p: rows order[p]        an entry: n values, one coordinate, 2 vectors
//   ┌────────────────┐                                         of x, 2·n vector multiply-adds. With n = 1 it
//   │ p0 p0 p1 p1 …  │ m rows    a{row} += v·x                 is bound by x, as CSR is. Workgroups:
//   └────────────────┘                                         M/(4·m) × N/(8·16).
import { levelsOf, type OperandType } from '@lacuna/ir';
import { nmg, patternOrder } from '@lacuna/layouts';
import { coordinates, widthOf } from './coordinates.js';
import { addTo, each, loadX, type Family, type Inner } from './family.js';

/** Sums and patterns beyond which the program would be too large to compile or to keep in registers. */
const most = { m: 16, patterns: 48 } as const;

interface Nmg {
  readonly n: number;
  readonly m: number;
  readonly g: number;
  readonly patterns: number;
}

function paramsOf({ format, shape }: OperandType): Nmg {
  const { n, m, g } = format.params as { n: number; m: number; g: number };
  return { n, m, g, patterns: levelsOf(format, shape)[2]!.size };
}

/** Four entries at a time, where a group has a multiple of four: their values are n vectors. */
/** How an entry of column `j` goes to the sums of some rows. */
interface Step {
  readonly key: string;
  readonly load: (wide: number) => string;
  readonly add: (row: number, wide: number, value: string) => string;
}

const columns: Step = {
  key: '',
  load: (wide) => loadX(wide, 'j'),
  add: (row, wide, value) => addTo(row, wide, value),
};
/** One position: x is contiguous, and the first lane of each sum is used. */
const single: Step = {
  key: 'vector',
  load: () => 'let xj = x[j >> 2u][j & 3u];',
  add: (row, _, value) => `a${row}[0] = fma(${value}, xj, a${row}[0]);`,
};

function loop({ n, m, g, patterns }: Nmg, ragged: boolean, wide: number, step: Step): string {
  const four = g % 4 === 0;
  const order = patternOrder(n, m);
  const guard = (j: string, body: string): string =>
    ragged ? `if (${j} < p.k) {\n${body}\n}` : body;
  const adds = (rows: readonly number[], value: (i: number) => string): string =>
    rows.map((row, i) => step.add(row, wide, value(i))).join('\n');
  const group = (rows: readonly number[]): string =>
    four
      ? `for (var t = 0u; t < ${g}u; t += 4u) {
  let e4 = crd4(q);
  ${each(n, (i) => `let v${i} = w[q / 4u * ${n}u + ${i}u];`)}
  ${each(
    4,
    (e) => `{
    let j = first + e4[${e}];
    ${guard(
      'j',
      `${step.load(wide)}
    ${adds(rows, (i) => `v${Math.floor((e * n + i) / 4)}[${(e * n + i) % 4}]`)}`,
    )}
  }`,
  )}
  q += 4u;
}`
      : `for (var t = 0u; t < ${g}u; t++) {
  let j = first + crd(q);
  ${guard(
    'j',
    `${step.load(wide)}
  ${adds(rows, (i) => `w[q * ${n}u + ${i}u]`)}`,
  )}
  q++;
}`;
  return `
let blocks = (p.m + ${m - 1}u) / ${m}u;
for (var chunk = 0u; chunk * ${patterns * g}u < p.k; chunk++) {
  let first = chunk * ${patterns * g}u;
  var q = (chunk * blocks + item) * ${patterns * g}u;
  ${order.map(group).join('\n')}
}`;
}

function inner(w: OperandType, step: Step): Inner {
  const params = paramsOf(w);
  const { n, m, g, patterns } = params;
  const ragged = w.shape[1]! % (patterns * g) !== 0;
  const width = widthOf(w, 3);
  return {
    key: `nmg ${n} ${m} ${g} ${width} ${ragged} ${step.key}`,
    rows: m,
    items: Math.ceil(w.shape[0]! / m),
    row: (r) => `item * ${m}u + ${r}u`,
    params: ['crd'],
    buffers: [
      { name: 's', type: 'array<u32>' },
      { name: 'w', type: g % 4 === 0 ? 'array<vec4f>' : 'array<f32>' },
    ],
    head: coordinates(width),
    loop: (wide) => loop(params, ragged, wide, step),
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
  inner: (w) => inner(w, columns),
  vector: (w) => inner(w, single),
  bind: (w) => ({ params: [w.word(3, 'crd')], buffers: [w.structure, w.values] }),
};
