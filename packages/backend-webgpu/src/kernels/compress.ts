// Dense to csr and to bitmask, whose patterns are found at every run: what is not zero moves together in its order,
// and rows say where they begin. The output's structure is written, not read.
//
//     x        a . b | . . . | . c d       count   3 | 1       (tiles of 5)
//     values   a b c d                     before  0 | 3
//     pos      0 2 2 4      crd  0 2 1 2
//
//            three runs: a tile of 2048 numbers counts its own; one workgroup adds up the tiles; each tile puts its
//            numbers behind those before it. 8 bytes read a number, 4 + 2 written a stored one, and nothing that
//            depends on the order in which threads come: halves of a coordinate word are set by their bits.
import {
  dense,
  sizeOf,
  type IndexType,
  type Layout,
  type OperandType,
  type Signature,
} from '@lacuna/ir';
import { bitmask, csr } from '@lacuna/layouts';
import { compress } from '@lacuna/ops';
import {
  webgpuKernel,
  type Binding,
  type Dispatch,
  type WebgpuCall,
  type WebgpuKernel,
} from '../kernel.js';
import { grid, item, program, variants } from '../program.js';
import { widthOf } from './coordinates.js';
import { fill } from './move.js';

const size = 64;
/** Numbers of a tile, and those of a thread of it. */
const tile = 2048;
const own = tile / size;

const x = { name: 'x', type: 'array<u32>' } as const;
const words = (name: string) => ({ name, type: 'array<u32>', write: true }) as const;
const structure = { name: 's', type: 'array<atomic<u32>>', write: true } as const;

const there = `
fn there(word: u32) -> bool { return (word & 0x7fffffffu) != 0u; }
`;

/** WGSL: the numbers that are this thread's, neighbours, and how many of them are there. */
const mine = `
let g = group.x + group.y * groups.x;
if (g >= p.tiles) { return; }
let lo = min(g * ${tile}u + local.x * ${own}u, p.count);
let hi = min(lo + ${own}u, p.count);
var found = 0u;
for (var at = lo; at < hi; at++) { found += select(0u, 1u, there(x[at])); }`;

const countProgram = program({
  name: 'compress-count',
  params: ['count', 'tiles'],
  buffers: [x, words('before')],
  workgroup: [size, 1, 1],
  head: `${there}
var<workgroup> all: atomic<u32>;`,
  body: `${mine}
atomicAdd(&all, found);
workgroupBarrier();
if (local.x == 0u) { before[g] = atomicLoad(&all); }`,
});

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

const putProgram = variants((kept: Kept) =>
  program({
    name: `compress-put-${kept}`,
    params: ['count', 'tiles', 'columns', 'pos', 'crd'],
    buffers: [x, words('before'), structure, words('values')],
    workgroup: [size, 1, 1],
    head: `${there}
var<workgroup> meet: array<u32, ${size}>;`,
    body: `${mine}
meet[local.x] = found;
workgroupBarrier();
var order = before[g];
for (var t = 0u; t < local.x; t++) { order += meet[t]; }
for (var at = lo; at < hi; at++) {
  let column = at % p.columns;
  if (column == 0u) { atomicStore(&s[p.pos + at / p.columns], order); }
  let word = x[at];
  if (there(word)) {
    values[order] = word;
    ${coordinate[kept].trim()}
    order++;
  }
}`,
  }),
);

/** A word of bits is four bytes of a row, or of neighbouring rows. */
const bitsProgram = program({
  name: 'compress-bits',
  params: ['words', 'bytes', 'row', 'columns', 'bits'],
  buffers: [x, words('s')],
  workgroup: [size, 1, 1],
  head: there,
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
    word |= select(0u, 1u, there(x[start + c])) << (b * 8u + c - first);
  }
}
s[p.bits + k] = word;`,
});

/** The runs that move together what is not zero, with rows' begins at the word `pos` of the structure. */
function compacted(
  { inputs, output, scratch }: WebgpuCall,
  kept: Kept,
  pos: number,
  crd: number,
): readonly Dispatch[] {
  const [rows, columns] = output.operand.shape as [number, number];
  const [numbers, to, count] = [inputs[0]!.values, output.structure!, rows * columns];
  if (count === 0) return [fill(to, rows + 1, 0, 'int32')];
  const tiles = Math.ceil(count / tile);
  const before: Binding = scratch(0, tiles * 4);
  return [
    {
      program: countProgram,
      params: [count, tiles],
      buffers: [numbers, before],
      workgroups: grid(tiles, 1),
    },
    {
      program: sumProgram,
      params: [tiles, pos + rows],
      buffers: [before, to],
      workgroups: [1, 1, 1],
    },
    {
      program: putProgram(kept),
      params: [count, tiles, columns, pos, crd],
      buffers: [numbers, before, to, output.values],
      workgroups: grid(tiles, 1),
    },
  ];
}

const isFloat = ({ dtype }: OperandType): boolean => dtype === 'float32';

const kernel = (layout: Layout, launch: (call: WebgpuCall) => readonly Dispatch[]): WebgpuKernel =>
  webgpuKernel<object>({
    name: `compress-${layout.layoutName}`,
    op: compress,
    takes: [dense],
    gives: layout,
    // A room, which has a place for whatever there is.
    when: ({ inputs: [given], output }: Signature) =>
      isFloat(given!) && isFloat(output) && output.stored === sizeOf(output.shape),
    scratch: ({ output }) => Math.ceil(sizeOf(output.shape) / tile) * 4,
    exact: true,
    launch,
  });

/** compress into csr and bitmask. */
export const compressKernels: readonly WebgpuKernel[] = [
  kernel(csr, (call) => {
    const { operand, word } = call.output;
    return compacted(call, widthOf(operand, 1), word(1, 'pos'), word(1, 'crd'));
  }),
  kernel(bitmask, (call) => {
    const { operand, word, structure: to } = call.output;
    const [rows, columns] = operand.shape as [number, number];
    const runs = compacted(call, 'none', word(1, 'rank'), 0);
    const row = Math.ceil(columns / 8);
    if (rows * row === 0) return runs;
    const count = Math.ceil((rows * row) / 4);
    return [
      ...runs,
      {
        program: bitsProgram,
        params: [count, rows * row, row, columns, word(1, 'mask')],
        buffers: [call.inputs[0]!.values, to],
        workgroups: grid(count, size),
      },
    ];
  }),
];
