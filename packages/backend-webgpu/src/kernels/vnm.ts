// v:n:m on the left: a tile's four columns serve v rows, of which a thread makes four.
//
//   tile   columns  0 3 4 6        crd  0 1 | 2 3 | 0 3 | 1 2      row r adds  w[r, t] · x[columns[crd[r, t]]]
//
//            a tile of 2:m and two vectors of x: a word of columns, two of coordinates, two vectors of values, 16 vectors
//            of x, 64 multiply-adds. Threads along columns read the same entries, so that nothing diverges.
import { levelsOf, type OperandType } from '@lacuna/ir';
import { vnm } from '@lacuna/layouts';
import { coordinates } from './coordinates.js';
import type { Family, Inner } from './family.js';
import { addTo, each, loadX, stride } from './tile.js';
import { valuesOf } from './values.js';

const rows = 4;

/** WGSL of a tile's columns: four numbers of 8 or 16 bits. */
const columns = {
  uint8: `
fn columnsOf(tile: u32) -> vec4u {
  return (vec4u(s[p.table + tile]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
}`,
  uint16: `
fn columnsOf(tile: u32) -> vec4u {
  let a = s[p.table + tile * 2u];
  let b = s[p.table + tile * 2u + 1u];
  return vec4u(a & 0xffffu, a >> 16u, b & 0xffffu, b >> 16u);
}`,
};

function inner(w: OperandType, vector: boolean, spread: boolean): Inner {
  const { v, n, m } = w.format.params as { v: number; n: number; m: number };
  const values = valuesOf(w, w.stored % 4 === 0);
  const ragged = w.shape[1]! % m !== 0;
  const entry = (u: number, wide: number): string => {
    const r = Math.floor(u / n);
    const [j, value] = [`j${u}`, `v${u >> 2}[${u & 3}]`];
    const add = vector
      ? `a${r}[${u & 3}] = fma(${value}, x[${j}], a${r}[${u & 3}]);`
      : `${loadX(wide, j, `x${u}_`)}\n${addTo(r, wide, value, `x${u}_`)}`;
    return `let ${j} = left + four[e${u >> 2}[${u & 3}]];\n${ragged ? `if (${j} < p.k) {\n${add}\n}` : add}`;
  };
  return {
    key: `vnm ${v} ${n} ${m} ${ragged} ${vector}`,
    rows,
    items: Math.ceil(w.shape[0]! / v) * (v / rows),
    row: (r) => `item * ${rows}u + ${r}u`,
    params: ['crd', 'table', 'across'],
    buffers: [{ name: 's', type: 'array<u32>' }],
    values,
    gathers: vector,
    spread,
    head: `${coordinates('uint8')}${columns[m > 256 ? 'uint16' : 'uint8']}`,
    loop: (wide) => `
for (${stride('var t = 0u', 1, 't < p.across', spread)}) {
  let tile = item / ${v / rows}u * p.across + t;
  let left = t * ${m}u;
  let four = columnsOf(tile);
  let first = tile * ${v * n}u + item % ${v / rows}u * ${rows * n}u;
  ${each(n, (k) => `let e${k} = crd4(first + ${4 * k}u);\nlet v${k} = ${values.four(`(first / 4u + ${k}u)`)};`)}
  ${each(rows * n, (u) => entry(u, wide))}
}`,
  };
}

/** Products with four columns a tile on the left, in tiles of four rows or a multiple. */
export const vnmFamily: Family = {
  name: 'vnm',
  layout: vnm,
  takes: ({ format }) => format.params['v']! % rows === 0,
  share: (_, n) => (n === 1 ? 0.06 : 0.5 * Math.min(1, (n + 8) / 40)),
  wide: (n) => (n >= 64 ? 4 : 2),
  inner: (w) => inner(w, false, false),
  vector: (w, spread) => inner(w, true, spread),
  bind: (w) => ({
    params: [
      w.word(3, 'crd'),
      w.word(3, 'table'),
      levelsOf(w.operand.format, w.operand.shape)[1]!.size,
    ],
    buffers: [w.structure, w.values],
  }),
};
