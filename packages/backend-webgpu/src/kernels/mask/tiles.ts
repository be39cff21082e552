// v:n:m as the layout chooses: of a tile the four columns of the largest sums, and of those n in each row; of equal ones
// the first. A thread takes a tile; every number of it is read twice, and written once.
import type { Format, Shape } from '@lacuna/ir';
import type { Binding, Dispatch } from '../../kernel.js';
import { grid, item, program, variants } from '../../program.js';
import { doubleHead } from './double.js';
import { markHead } from './runs.js';

const size = 64;

const tilesProgram = variants((n: number) =>
  program({
    name: `mask-vnm-${n}`,
    params: ['items', 'across', 'rows', 'columns', 'v', 'm'],
    buffers: [
      { name: 'x', type: 'array<u32>' },
      { name: 'y', type: 'array<u32>', write: true },
    ],
    workgroup: [size, 1, 1],
    head: `${markHead}${doubleHead}`,
    body: `
let tile = ${item(size)};
if (tile >= p.items) { return; }
let top = tile / p.across * p.v;
let left = tile % p.across * p.m;
let bottom = min(top + p.v, p.rows);
// The four largest so far, the largest first.
var sums = array<vec2u, 4>();
var four = array<u32, 4>(0u, 1u, 2u, 3u);
for (var c = 0u; c < p.m; c++) {
  var sum = vec2u();
  if (left + c < p.columns) {
    for (var i = top; i < bottom; i++) {
      sum = plus(sum, toDouble(magnitude(x[i * p.columns + left + c])));
    }
  }
  var at = min(c, 4u);
  while (at > 0u) {
    if (!above(sum, sums[at - 1u])) { break; }
    if (at < 4u) {
      sums[at] = sums[at - 1u];
      four[at] = four[at - 1u];
    }
    at--;
  }
  if (at < 4u) {
    sums[at] = sum;
    four[at] = c;
  }
}
for (var i = top; i < bottom; i++) {
  for (var c = 0u; c < min(p.m, p.columns - left); c++) {
    let place = i * p.columns + left + c;
    let v = magnitude(x[place]);
    var chosen = false;
    var before = 0u;
    for (var k = 0u; k < 4u; k++) {
      let other = four[k];
      if (other == c) { chosen = true; continue; }
      var size = 0u;
      if (left + other < p.columns) { size = magnitude(x[i * p.columns + left + other]); }
      before += select(0u, 1u, size > v || (size == v && other < c));
    }
    y[place] = mark(chosen && before < ${n}u, v);
  }
}`,
  }),
);

/** Whether a shape can be cut into tiles. */
export const isTiled = (shape: Shape): boolean => shape.length === 2;

/** Marks what v:n:m keeps. */
export function tiles(
  { params }: Format,
  shape: Shape,
  buffers: readonly [x: Binding, y: Binding],
): readonly Dispatch[] {
  const { v, n, m } = params as Record<'v' | 'n' | 'm', number>;
  const [rows, columns] = shape as [number, number];
  const across = Math.ceil(columns / m);
  const items = Math.ceil(rows / v) * across;
  return [
    {
      program: tilesProgram(n),
      params: [items, across, rows, columns, v, m],
      buffers,
      workgroups: grid(items, size),
    },
  ];
}
