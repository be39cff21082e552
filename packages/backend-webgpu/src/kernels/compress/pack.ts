// Cells that are not all zero, moved together in their order: what compressed levels list, also one under another, as
// gaps, with coordinates that repeat, or as bits. The output's structure is written, not read.
//
//     x        a . b | . . . | . c d       count   3 | 1       (tiles of 5)
//     values   a b c d                     before  0 | 3 | 4
//     pos      0 2 2 4      crd  0 2 1 2
//
//            three runs a level: a tile of 2048 cells counts its own; one workgroup adds up the tiles; each tile puts its
//            cells behind those before it. 8 bytes read a number, 4 + 2 written a stored one, and nothing that
//            depends on the order in which threads come: halves of a coordinate word are set by their bits. Of a level
//            above another, cells are as large as all that is below, and where they are put is kept for that one.
import type { IndexType, OperandType } from '@lacuna/ir';
import type { Binding, Dispatch, WebgpuCall } from '../../kernel.js';
import { grid, program } from '../../program.js';
import { widthOf } from '../coordinates.js';
import { forCells, size, storeCoordinate, structure, there, words, x } from './store.js';
import type { Cells } from './cells.js';

/** Cells of a tile, and those of a thread of it: few where a cell is all that hangs on a level. */
const tileOf = (inner: boolean): number => (inner ? 2048 : size);

/** WGSL: how many entries a cell is: with gaps, all that are stored between it and the one before it. */
const weight = ({ delta }: Cells, most: number): string =>
  delta
    ? `
fn weight(cell: u32) -> u32 {
  if (!there(cell)) { return 0u; }
  var gap = 0u;
  while (gap < cell % p.columns && !there(cell - gap - 1u)) { gap++; }
  return gap + 1u;
}
fn entries(weight: u32) -> u32 { return (weight + ${most}u) / ${most + 1}u; }`
    : `
fn weight(cell: u32) -> u32 { return select(0u, 1u, there(cell)); }
fn entries(weight: u32) -> u32 { return weight; }`;

/** WGSL: the cells that are this thread's, neighbours, and how many entries they are. */
const mine = (own: number): string => `
let g = group.x + group.y * groups.x;
if (g >= p.tiles) { return; }
let lo = min(g * ${own * size}u + local.x * ${own}u, p.count);
let hi = min(lo + ${own}u, p.count);
var found = 0u;
for (var cell = lo; cell < hi; cell++) { found += entries(weight(cell)); }`;

/** What a shader is compiled for beside the cells: widths of coordinates, none of bits; whether it puts values. */
interface Kept {
  readonly widths: readonly IndexType[];
  readonly inner: boolean;
}
const bitsOf = { uint8: 8, uint16: 16, uint32: 32 } as const;
const mostOf = ({ widths: [width] }: Kept): number => 2 ** bitsOf[width ?? 'uint32'] - 1;
const ownOf = ({ inner }: Kept): number => tileOf(inner) / size;

const countProgram = forCells((cells: Cells, kept: Kept) => ({
  name: 'compress-count',
  params: ['count', 'tiles', 'columns', ...cells.params],
  buffers: [x, words('before')],
  workgroup: [size, 1, 1],
  head: `${there(cells)}${weight(cells, mostOf(kept))}
var<workgroup> all: atomic<u32>;`,
  body: `${mine(ownOf(kept))}
atomicAdd(&all, found);
workgroupBarrier();
if (local.x == 0u) { before[g] = atomicLoad(&all); }`,
}));

/** One workgroup: each thread adds up neighbouring tiles. The sum of all ends the positions of the level. */
const sumProgram = program({
  name: 'compress-sum',
  params: ['tiles', 'pos', 'parents', 'between', 'above'],
  buffers: [words('before'), words('s'), words('sums')],
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
if (local.x == ${size - 1}u) {
  before[p.tiles] = sum;
  var parents = p.parents;
  if (p.between > 0u) { parents = sums[p.above] * p.between; }
  s[p.pos + parents] = sum;
}`,
});

/** WGSL: where a parent is put, by the positions of the level above, or `nowhere`. */
const position = ({ between }: Cells): string =>
  between === undefined
    ? `
fn position(parent: u32) -> u32 { return parent; }`
    : `
fn position(parent: u32) -> u32 {
  let start = above[parent / p.between];
  return select(start * p.between + parent % p.between, nowhere, start == nowhere);
}`;

const putProgram = forCells((cells: Cells, kept: Kept) => {
  const crd = kept.widths.map((_, at) => `crd${at}`);
  const [most] = [mostOf(kept)];
  const store = (at: number, coordinate: string): string =>
    storeCoordinate(kept.widths[at]!, `p.crd${at}`, 'order', coordinate);
  const values = `
    for (var b = 0u; b < ${cells.block}u; b++) { to[order * ${cells.block}u + b] = number(cell, b); }`;
  const coordinates = kept.widths.map((_, at) =>
    store(at, cells.delta ? `(w - 1u) % ${most + 1}u` : cells.coordinate(cells.level + at)),
  );
  const between = `
    for (var left = entries(w); left > 1u; left--) {
      for (var b = 0u; b < ${cells.block}u; b++) { to[order * ${cells.block}u + b] = 0u; }
      ${store(0, `${most}u`)}
      order++;
    }`;
  return {
    name: `compress-put-${kept.widths.join('-') || 'none'}`,
    params: ['count', 'tiles', 'columns', 'pos', 'between', ...crd, ...cells.params],
    buffers: [x, words('before'), structure, words('to'), words('above')],
    workgroup: [size, 1, 1],
    head: `const nowhere = 0xffffffffu;
${there(cells)}${weight(cells, most)}${position(cells)}
var<workgroup> meet: array<u32, ${size}>;`,
    body: `${mine(ownOf(kept))}
meet[local.x] = found;
workgroupBarrier();
var order = before[g];
for (var t = 0u; t < local.x; t++) { order += meet[t]; }
for (var cell = lo; cell < hi; cell++) {
  if (cell % p.columns == 0u) {
    let parent = position(cell / p.columns);
    if (parent != nowhere) { atomicStore(&s[p.pos + parent], order); }
  }
  let w = weight(cell);
  if (w > 0u) {${cells.delta ? between : ''}${kept.inner ? values : '\n    to[cell] = order;'}
    ${coordinates.join('\n    ')}
    order++;
  }${kept.inner ? '' : ' else { to[cell] = nowhere; }'}
}`,
  };
});

const aligned = (bytes: number): number => Math.ceil(bytes / 256) * 256;
const countOf = ({ parents, size: columns }: Cells): number => parents * columns;

/** Where the parts of scratch memory begin: sums of tiles, and positions of what is above another level. */
function parts(all: readonly Cells[]) {
  let end = 0;
  const next = (words: number): readonly [number, number] => {
    const begin = end;
    end += aligned(words * 4);
    return [begin, words * 4];
  };
  const of = all.map((cells, at) => {
    const inner = at === all.length - 1;
    const tiles = Math.ceil(countOf(cells) / tileOf(inner));
    return { inner, tiles, before: next(tiles + 1), to: inner ? undefined : next(countOf(cells)) };
  });
  return { of, end };
}

/** Bytes of scratch memory. */
export const packScratch = (all: readonly Cells[]): number => parts(all).end;

/** The runs that move together the cells that are there, of each level in turn. */
export function pack(
  { inputs, output, scratch }: WebgpuCall,
  all: readonly Cells[],
): readonly Dispatch[] {
  const [given, s] = [inputs[0]!.values, output.structure!];
  const { of } = parts(all);
  let [above, sums]: (Binding | undefined)[] = [];
  return all.flatMap((cells, at): Dispatch[] => {
    const { inner, tiles, ...at256 } = of[at]!;
    const [before, to] = [
      scratch(...at256.before),
      at256.to ? scratch(...at256.to) : output.values,
    ];
    const { parents, size: columns, numbers, between = 0, level } = cells;
    const kept = { widths: widthsOf(output.operand, cells), inner };
    const count = countOf(cells);
    const { word } = output;
    const pos = word(level, cells.kind === 'bitmask' ? 'rank' : 'pos');
    const crd = kept.widths.map((_, k) => word(level + k, 'crd'));
    const last = at > 0 ? of[at - 1]!.tiles : 0;
    const dispatches: Dispatch[] = [
      {
        program: countProgram(cells, kept),
        params: [count, tiles, columns, ...numbers],
        buffers: [given, before],
        workgroups: grid(tiles, 1),
      },
      {
        program: sumProgram,
        params: [tiles, pos, parents, between, last],
        buffers: [before, s, sums],
        workgroups: [1, 1, 1],
      },
      {
        program: putProgram(cells, kept),
        params: [count, tiles, columns, pos, between, ...crd, ...numbers],
        buffers: [given, before, s, to, above],
        workgroups: grid(tiles, 1),
      },
    ];
    [above, sums] = [inner ? undefined : to, before];
    return dispatches;
  });
}

/** Widths of the coordinates that each cell is kept with. */
const widthsOf = (output: OperandType, { kind, level, last }: Cells): readonly IndexType[] =>
  kind === 'bitmask'
    ? []
    : Array.from({ length: last - level + 1 }, (_, k) => widthOf(output, level + k));
