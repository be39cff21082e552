// A bit a cell, and of a mask a place for every number: bits are words of their own, so that no two threads write one.
import type { Binding, Dispatch, WebgpuCall } from '../../kernel.js';
import { grid, item } from '../../program.js';
import type { Cells } from './cells.js';
import { forCells, size, there, words, x } from './store.js';

/** A word of bits is four bytes of a row, or of neighbouring rows. */
const bitsProgram = forCells<''>((cells) => ({
  name: 'compress-bits',
  params: ['words', 'bytes', 'row', 'columns', 'bits', ...cells.params],
  buffers: [x, words('s')],
  workgroup: [size, 1, 1],
  head: there(cells),
  body: `
let k = ${item(size)};
if (k >= p.words) { return; }
var word = 0u;
for (var b = 0u; b < 4u; b++) {
  let byte = k * 4u + b;
  if (byte >= p.bytes) { break; }
  let first = byte % p.row * 8u;
  let start = byte / p.row * p.columns;
  for (var c = first; c < min(first + 8u, p.columns); c++) {
    word |= select(0u, 1u, there(start + c)) << (b * 8u + c - first);
  }
}
s[p.bits + k] = word;`,
}));

/** Every number of every cell in its place. */
const numbersProgram = forCells<''>((cells) => ({
  name: 'compress-numbers',
  params: ['count', ...cells.params],
  buffers: [x, words('values')],
  workgroup: [size, 1, 1],
  head: there(cells),
  body: `
let k = ${item(size)};
if (k < p.count) { values[k] = number(k / ${cells.block}u, k % ${cells.block}u); }`,
}));

/** Writes the bits of cells. */
export function bits({ inputs, output }: WebgpuCall, cells: Cells): readonly Dispatch[] {
  const { parents, size: columns, numbers, level } = cells;
  const row = Math.ceil(columns / 8);
  const count = Math.ceil((parents * row) / 4);
  const about = [count, parents * row, row, columns, output.word(level, 'mask')];
  return [
    {
      program: bitsProgram(cells, ''),
      params: [...about, ...numbers],
      buffers: [inputs[0]!.values, output.structure],
      workgroups: grid(count, size),
    },
  ];
}

/** Writes all numbers, those that no bit is set for among them. */
export function everywhere(cells: Cells, given: Binding, values: Binding): readonly Dispatch[] {
  const count = cells.parents * cells.size * cells.block;
  return [
    {
      program: numbersProgram(cells, ''),
      params: [count, ...cells.numbers],
      buffers: [given, values],
      workgroups: grid(count, size),
    },
  ];
}
