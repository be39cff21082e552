// So many cells under every parent: those that are there, and the lowest free ones. A plan cannot throw: where there are
// more than fit, which the host refuses, what is stored of them is NaN.
//
//     nm(2,4)   . a b . | c . . . | d e f .       crd  1 2 | 0 1 | 0 1      values  a b | c 0 | NaN NaN
//
//            a thread a parent, which goes over its cells twice: 8 bytes read a number.
import type { IndexType } from '@lacuna/ir';
import type { Dispatch, WebgpuCall } from '../../kernel.js';
import { grid, item } from '../../program.js';
import { widthOf } from '../coordinates.js';
import type { Cells } from './cells.js';
import { forCells, size, storeCoordinate, structure, there, words, x } from './store.js';

const fixedProgram = forCells((cells: Cells, width: IndexType) => ({
  name: `compress-fixed-${width}`,
  params: ['parents', 'columns', 'crd', ...cells.params],
  buffers: [x, structure, words('values')],
  workgroup: [size, 1, 1],
  head: there(cells),
  body: `
let parent = ${item(size)};
if (parent >= p.parents) { return; }
let first = parent * p.columns;
var found = 0u;
for (var c = 0u; c < p.columns; c++) { found += select(0u, 1u, there(first + c)); }
var free = ${cells.fixed}u - min(found, ${cells.fixed}u);
var order = parent * ${cells.fixed}u;
let end = order + ${cells.fixed}u;
for (var c = 0u; order < end; c++) {
  let here = c < p.columns && there(first + c);
  if (!here) {
    if (free == 0u) { continue; }
    free--;
  }
  for (var b = 0u; b < ${cells.block}u; b++) {
    var word = 0u;
    if (here) { word = select(number(first + c, b), 0x7fc00000u, found > ${cells.fixed}u); }
    values[order * ${cells.block}u + b] = word;
  }
  ${storeCoordinate(width, 'p.crd', 'order', 'c')}
  order++;
}`,
}));

/** Writes as many cells under every parent as the level has. */
export function fixed({ inputs, output }: WebgpuCall, cells: Cells): readonly Dispatch[] {
  const { parents, size: columns, numbers, level } = cells;
  return [
    {
      program: fixedProgram(cells, widthOf(output.operand, level)),
      params: [parents, columns, output.word(level, 'crd'), ...numbers],
      buffers: [inputs[0]!.values, output.structure, output.values],
      workgroups: grid(parents, size),
    },
  ];
}
