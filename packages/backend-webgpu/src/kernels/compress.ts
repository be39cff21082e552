// Dense to layouts whose patterns are found at every run, csr, csc, blocks and bitmask among them: cells that are not
// all zero move together in their order, and positions say where they begin. The output's structure is written, not
// read.
//
//     x        a . b | . . . | . c d       count   3 | 1       (tiles of 5)
//     values   a b c d                     before  0 | 3
//     pos      0 2 2 4      crd  0 2 1 2
//
//            three runs: a tile of 2048 cells counts its own; one workgroup adds up the tiles; each tile puts its
//            cells behind those before it. 8 bytes read a number, 4 + 2 written a stored one, and nothing that
//            depends on the order in which threads come: halves of a coordinate word are set by their bits.
import {
  anyLayout,
  dense,
  levelsOf,
  type IndexType,
  type OperandType,
  type Signature,
} from '@lacuna/ir';
import { compress } from '@lacuna/ops';
import {
  webgpuKernel,
  type Binding,
  type Dispatch,
  type WebgpuCall,
  type WebgpuKernel,
} from '../kernel.js';
import { grid, item, program, type Program, type ProgramSpec } from '../program.js';
import { cellsOf, type Cells } from './cells.js';
import { widthOf } from './coordinates.js';
import { fill } from './move.js';

const size = 64;
/** Numbers of a tile, and those of a thread of it. */
const tile = 2048;
const own = tile / size;

const x = { name: 'x', type: 'array<u32>' } as const;
const words = (name: string) => ({ name, type: 'array<u32>', write: true }) as const;
const structure = { name: 's', type: 'array<atomic<u32>>', write: true } as const;

/** WGSL: whether a cell has a number that is not zero. */
const there = ({ head, block }: Cells): string => `${head}
fn there(cell: u32) -> bool {
  for (var b = 0u; b < ${block}u; b++) {
    let at = place(cell, b);
    if (at != outside && (x[at] & 0x7fffffffu) != 0u) { return true; }
  }
  return false;
}
`;

/** WGSL: the cells that are this thread's, neighbours, and how many of them are there. */
const mine = `
let g = group.x + group.y * groups.x;
if (g >= p.tiles) { return; }
let lo = min(g * ${tile}u + local.x * ${own}u, p.count);
let hi = min(lo + ${own}u, p.count);
var found = 0u;
for (var cell = lo; cell < hi; cell++) { found += select(0u, 1u, there(cell)); }`;

/** A program for the cells of a layout, made once for each kind of them. */
const forCells = <K extends string>(
  make: (cells: Cells, kept: K) => ProgramSpec,
): ((cells: Cells, kept: K) => Program) => {
  const made = new Map<string, Program>();
  return (cells, kept) => {
    const key = `${cells.key} ${cells.block} ${kept}`;
    let found = made.get(key);
    if (!found) made.set(key, (found = program(make(cells, kept))));
    return found;
  };
};

const countProgram = forCells<''>((cells) => ({
  name: 'compress-count',
  params: ['count', 'tiles', ...cells.params],
  buffers: [x, words('before')],
  workgroup: [size, 1, 1],
  head: `${there(cells)}
var<workgroup> all: atomic<u32>;`,
  body: `${mine}
atomicAdd(&all, found);
workgroupBarrier();
if (local.x == 0u) { before[g] = atomicLoad(&all); }`,
}));

/** One workgroup: each thread adds up neighbouring tiles. */
const sumProgram = program({
  name: 'compress-sum',
  params: ['tiles', 'end'],
  buffers: [words('before'), words('s')],
  workgroup: [size, 1, 1],
  head: `var<workgroup> meet: array<u32, ${size}>;`,
  body: `
let each = (p.tiles + ${size - 1}u) / ${size}u;
let lo = min(local.x * each, p.tiles);
let hi = min(lo + each, p.tiles);
var sum = 0u;
for (var t = lo; t < hi; t++) { sum += before[t]; }
meet[local.x] = sum;
workgroupBarrier();
sum = 0u;
for (var t = 0u; t < local.x; t++) { sum += meet[t]; }
for (var t = lo; t < hi; t++) {
  let n = before[t];
  before[t] = sum;
  sum += n;
}
if (local.x == ${size - 1}u) { s[p.end] = sum; }`,
});

/** How a coordinate is kept beside its value; a row of bits keeps none. */
type Kept = IndexType | 'none';
const part = (bits: number): string => `
let shift = order % ${32 / bits}u * ${bits}u;
let place = p.crd + order / ${32 / bits}u;
atomicAnd(&s[place], ~(${2 ** bits - 1}u << shift));
atomicOr(&s[place], column << shift);`;
const coordinate: Readonly<Record<Kept, string>> = {
  uint8: part(8),
  uint16: part(16),
  uint32: 'atomicStore(&s[p.crd + order], column);',
  none: '',
};

const putProgram = forCells<Kept>((cells, kept) => ({
  name: `compress-put-${kept}`,
  params: ['count', 'tiles', 'columns', 'pos', 'crd', ...cells.params],
  buffers: [x, words('before'), structure, words('values')],
  workgroup: [size, 1, 1],
  head: `${there(cells)}
var<workgroup> meet: array<u32, ${size}>;`,
  body: `${mine}
meet[local.x] = found;
workgroupBarrier();
var order = before[g];
for (var t = 0u; t < local.x; t++) { order += meet[t]; }
for (var cell = lo; cell < hi; cell++) {
  let column = cell % p.columns;
  if (column == 0u) { atomicStore(&s[p.pos + cell / p.columns], order); }
  if (there(cell)) {
    for (var b = 0u; b < ${cells.block}u; b++) {
      let at = place(cell, b);
      var word = 0u;
      if (at != outside && (x[at] & 0x7fffffffu) != 0u) { word = x[at]; } // −0 is no entry
      values[order * ${cells.block}u + b] = word;
    }
    ${coordinate[kept].trim()}
    order++;
  }
}`,
}));

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

/** The runs that move together the cells that are there, with positions' begins at the word `pos` of the structure. */
function compacted(
  { inputs, output, scratch }: WebgpuCall,
  cells: Cells,
  kept: Kept,
  [pos, crd]: readonly [number, number],
): readonly Dispatch[] {
  const { parents, size: columns, numbers } = cells;
  const [given, to, count] = [inputs[0]!.values, output.structure!, parents * columns];
  if (count === 0) return [fill(to, parents + 1, 0, 'int32')];
  const tiles = Math.ceil(count / tile);
  const before: Binding = scratch(0, tiles * 4);
  return [
    {
      program: countProgram(cells, ''),
      params: [count, tiles, ...numbers],
      buffers: [given, before],
      workgroups: grid(tiles, 1),
    },
    {
      program: sumProgram,
      params: [tiles, pos + parents],
      buffers: [before, to],
      workgroups: [1, 1, 1],
    },
    {
      program: putProgram(cells, kept),
      params: [count, tiles, columns, pos, crd, ...numbers],
      buffers: [given, before, to, output.values],
      workgroups: grid(tiles, 1),
    },
  ];
}

const isFloat = ({ dtype }: OperandType): boolean => dtype === 'float32';

const cellsOfType = ({ format, shape }: OperandType): Cells | undefined => cellsOf(format, shape);

function launch(call: WebgpuCall): readonly Dispatch[] {
  const { operand, word, structure: to } = call.output;
  const cells = cellsOfType(operand)!;
  const { level, parents, size: columns, numbers } = cells;
  if (levelKind(operand, level) === 'compressed')
    return compacted(call, cells, widthOf(operand, level), [
      word(level, 'pos'),
      word(level, 'crd'),
    ]);
  const runs = compacted(call, cells, 'none', [word(level, 'rank'), 0]);
  const row = Math.ceil(columns / 8);
  if (parents * row === 0) return runs;
  const count = Math.ceil((parents * row) / 4);
  return [
    ...runs,
    {
      program: bitsProgram(cells, ''),
      params: [count, parents * row, row, columns, word(level, 'mask'), ...numbers],
      buffers: [call.inputs[0]!.values, to],
      workgroups: grid(count, size),
    },
  ];
}

const levelKind = ({ format, shape }: OperandType, level: number) =>
  levelsOf(format, shape)[level]!.kind;

/** compress into any layout that lists cells at one level. */
export const compressKernel: WebgpuKernel = webgpuKernel<object>({
  name: 'compress',
  op: compress,
  takes: [dense],
  gives: anyLayout,
  // A room, which has a place for whatever there is.
  when: ({ inputs: [given], output }: Signature) =>
    isFloat(given!) && isFloat(output) && isRoom(output),
  scratch: ({ output }) => Math.ceil(count(output) / tile) * 4,
  exact: true,
  launch,
});

const count = (output: OperandType): number => {
  const { parents, size: columns } = cellsOfType(output)!;
  return parents * columns;
};

function isRoom(output: OperandType): boolean {
  const cells = cellsOfType(output);
  return cells !== undefined && output.stored === count(output) * cells.block;
}
