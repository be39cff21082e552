// n:m:g by STen's greedy: in each block of m rows of a chunk of C·g columns, the pair of column and pattern with the
// largest score is next, of equal ones that of the larger column, then of the larger pattern; a pattern serves g
// columns. The layout's own greedy, to the bit: a GPU may take the smallest numbers for zero, so that those are added up
// as larger ones.
//
//     score(q, p) = Σ |x| over the rows of p, ascending, in float32
//
//            a thread takes a block: what comes next depends on all before it. Each column keeps its best open
//            pattern, and looks again when that closes: (C·g)² comparisons a block, and C looks a column of C·n
//            additions at most. Scratch words of neighbouring blocks are neighbours. Blocks are many: a 768 × 768
//            matrix has 576 of 1:8:16.
import { sizeOf, stridesOf, type Format, type Shape } from '@lacuna/ir';
import { patternCount, patternTable } from '@lacuna/layouts';
import type { Binding, Dispatch } from '../../kernel.js';
import { grid, item, program, variants, type Buffer } from '../../program.js';
import { dimNumbers, dimParams, merge, places, type Dims } from '../dims.js';
import { markHead } from './runs.js';

export const size = 64;
/** Rows of a block and patterns of a chunk that a shader holds. */
const [mostRows, mostPatterns] = [32, 256];

/** What a shader is compiled for: the format, and the rank of the other dimensions. */
export interface Variant {
  readonly n: number;
  readonly m: number;
  readonly g: number;
  readonly rank: number;
}

/** Patterns as words with a bit for each row. */
function patternWords(n: number, m: number): number[] {
  const table = patternTable(n, m);
  return Array.from({ length: patternCount(n, m) }, (_, p) =>
    table.slice(p * n, p * n + n).reduce((word, row) => (word | (1 << row)) >>> 0, 0),
  );
}

/** The choice in WGSL. */
export interface Choice {
  readonly params: readonly string[];
  /** Declares `x`, and `work`, whose words 0 to 2·columns + patterns are in use until the choice is made. */
  readonly buffers: readonly Buffer[];
  /** Functions over a `magnitude`, a whole number in the order of magnitudes, and `none`, which no word is. */
  readonly head: string;
  /** The choice of block `item`; `take` sees column `q`, its pattern `best` and how many that had before, `used`. */
  readonly body: (take: string) => string;
}

/** The shader of a choice. */
export function choice({ n, m, g, rank }: Variant): Choice {
  const rows = patternWords(n, m);
  const patterns = rows.length;
  return {
    params: [
      'items',
      'blocks',
      'chunks',
      'height',
      'width',
      'down',
      'across',
      ...dimParams(rank, ['a']),
    ],
    buffers: [
      { name: 'x', type: 'array<u32>' },
      { name: 'work', type: 'array<u32>', write: true },
    ],
    head: `
const patterns = ${patterns}u;
const columns = ${patterns * g}u;
const rowsOf = array<u32, patterns>(${rows.map((word) => `${word}u`).join(', ')});
var<private> shut: array<u32, ${Math.ceil(patterns / 32)}>;
var<private> column: array<u32, ${m}>;
var<private> item: u32;
var<private> origin: u32;
var<private> height: u32;
var<private> width: u32;
// Scratch: the best score of each column, then its pattern, then how many columns each pattern has.
fn word(k: u32) -> u32 { return k * p.items + item; }
// a·2²⁴, normal also where a is not.
fn scaled(a: u32) -> f32 {
  return select(f32(a) * 0x1p-125f, bitcast<f32>(a + 0x0c000000u), a >= 0x00800000u);
}
fn plus(a: u32, b: u32) -> u32 {
  let small = min(a, b);
  let large = max(a, b);
  if (small == 0u || large >= 0x7f800000u) { return large; }
  if (small >= 0x00800000u) { return bitcast<u32>(bitcast<f32>(a) + bitcast<f32>(b)); }
  if (large >= 0x60000000u) { return large; } // too large for the other one to show
  let sum = scaled(a) + scaled(b);
  let bits = bitcast<u32>(sum);
  return select(u32(sum * 0x1p125f), bits - 0x0c000000u, bits >= 0x0c800000u);
}
fn load(q: u32) {
  for (var r = 0u; r < ${m}u; r++) {
    column[r] = 0u;
    if (r < height && q < width) { column[r] = magnitude(x[origin + r * p.down + q * p.across]); }
  }
}
fn look(q: u32) {
  load(q);
  var top = 0u;
  var best = none;
  for (var k = 0u; k < patterns; k++) {
    if ((shut[k / 32u] & (1u << (k % 32u))) != 0u) { continue; }
    var rows = rowsOf[k];
    var score = column[firstTrailingBit(rows)];
    for (rows &= rows - 1u; rows != 0u; rows &= rows - 1u) {
      score = plus(score, column[firstTrailingBit(rows)]);
    }
    if (best == none || score >= top) {
      top = score;
      best = k;
    }
  }
  work[word(q)] = top;
  work[word(columns + q)] = best;
}`,
    body: (take) => `
item = ${item(size)};
if (item >= p.items) { return; }
let block = item % p.blocks;
let chunk = item / p.blocks % p.chunks;
let at = item / p.blocks / p.chunks;
${places(rank, ['a'])}
origin = a + block * ${m}u * p.down + chunk * columns * p.across;
height = min(${m}u, p.height - block * ${m}u);
width = min(columns, p.width - chunk * columns);
for (var q = 0u; q < columns; q++) { look(q); }
for (var k = 0u; k < patterns; k++) { work[word(2u * columns + k)] = 0u; }
for (var left = columns; left > 0u; left--) {
  var top = 0u;
  var q = none;
  for (var c = 0u; c < columns; c++) {
    let score = work[word(c)];
    if (work[word(columns + c)] != none && (q == none || score >= top)) {
      top = score;
      q = c;
    }
  }
  let best = work[word(columns + q)];
  let used = work[word(2u * columns + best)];
  work[word(columns + q)] = none;
  work[word(2u * columns + best)] = used + 1u;
  ${take}
  if (used + 1u == ${g}u) {
    shut[best / 32u] |= 1u << (best % 32u);
    for (var c = 0u; c < columns; c++) {
      if (work[word(columns + c)] == best) { look(c); }
    }
  }
}`,
  };
}

const greedyProgram = variants((variant: Variant) => {
  const { params, buffers, head, body } = choice(variant);
  const { n, m, g } = variant;
  return program({
    name: `mask-nmg-${n}-${m}-${g}`,
    params,
    buffers: [...buffers, { name: 'y', type: 'array<u32>', write: true }],
    workgroup: [size, 1, 1],
    head: markHead + head,
    body: body(`if (q < width) {
    for (var r = 0u; r < height; r++) {
      let place = origin + r * p.down + q * p.across;
      y[place] = mark((rowsOf[best] & (1u << r)) != 0u, magnitude(x[place]));
    }
  }`),
  });
});

/** A tensor cut into blocks. */
export interface Blocks extends Variant {
  readonly columns: number;
  readonly patterns: number;
  readonly items: number;
  readonly params: readonly number[];
}

/** The blocks of a shape; undefined where the shape has not the dimensions, or a shader would not hold one. */
export function greedyBlocks({ params }: Format, shape: Shape): Blocks | undefined {
  const { n, m, g, along, group } = params as Record<'n' | 'm' | 'g' | 'along' | 'group', number>;
  const [patterns, strides] = [patternCount(n, m), stridesOf(shape)];
  const [height, width] = [shape[along], shape[group]];
  if (height === undefined || width === undefined || m > mostRows || patterns > mostPatterns)
    return undefined;
  const columns = patterns * g;
  const [blocks, chunks] = [Math.ceil(height / m), Math.ceil(width / columns)];
  const others = shape.map((_, dim) => dim).filter((dim) => dim !== along && dim !== group);
  const extents = others.map((dim) => shape[dim]!);
  const dims: Dims = merge({ extents, steps: [others.map((dim) => strides[dim]!)] });
  const items = blocks * chunks * sizeOf(extents);
  return {
    n,
    m,
    g,
    columns,
    patterns,
    items,
    rank: dims.extents.length,
    params: [
      items,
      blocks,
      chunks,
      height,
      width,
      strides[along]!,
      strides[group]!,
      ...dimNumbers(dims),
    ],
  };
}

/** Bytes of scratch memory. */
export const greedyScratch = ({ items, columns, patterns }: Blocks): number =>
  items * (2 * columns + patterns) * 4;

/** Marks what the greedy of an n:m:g format keeps. */
export function greedy(
  blocks: Blocks,
  [x, y]: readonly [Binding, Binding],
  scratch: (offset: number, bytes: number) => Binding,
): readonly Dispatch[] {
  const { n, m, g, rank, items, params } = blocks;
  return [
    {
      program: greedyProgram({ n, m, g, rank }),
      params,
      buffers: [x, scratch(0, greedyScratch(blocks)), y],
      workgroups: grid(items, size),
    },
  ];
}
