// Whole blocks by Σ|x|: sums of double precision, a thread a block, then the greatest of them by radix selection over
// their 64 bits, as select.ts does it over 32.
//
//            x is read twice, 8 histograms read 8 bytes a block, and the mask is written once: 12 bytes a number, and
//            80 a block. Integer atomics alone, so that no order of threads matters.
import { sizeOf, type Shape } from '@lacuna/ir';
import type { Binding, Dispatch } from '../../kernel.js';
import { grid, item, program } from '../../program.js';
import { fill } from '../move.js';
import { doubleHead } from './double.js';
import { markHead } from './runs.js';
import {
  buckets,
  countProgram,
  histogramProgram,
  keepProgram,
  passes,
  pickProgram,
  sumProgram,
  tile,
} from './doubles.js';

const size = 64;

/** The blocks of a shape. */
interface Blocks {
  readonly count: number;
  readonly params: readonly number[];
}
const shapeParams = ['height', 'width', 'rows', 'columns', 'down', 'across'] as const;

function blocksOf(shape: Shape, rows: number, columns: number): Blocks {
  const [height, width] = shape.slice(-2) as [number, number];
  const [down, across] = [Math.ceil(height / rows), Math.ceil(width / columns)];
  const count = sizeOf(shape.slice(0, -2)) * down * across;
  return { count, params: [height, width, rows, columns, down, across] };
}

const sumsProgram = program({
  name: 'mask-block-sums',
  params: ['count', ...shapeParams],
  buffers: [
    { name: 'x', type: 'array<u32>' },
    { name: 'sums', type: 'array<vec2u>', write: true },
  ],
  workgroup: [size, 1, 1],
  head: markHead + doubleHead,
  body: `
let block = ${item(size)};
if (block >= p.count) { return; }
let top = block / p.across % p.down * p.rows;
let left = block % p.across * p.columns;
let first = block / p.across / p.down * p.height;
var sum = vec2u();
for (var i = top; i < min(top + p.rows, p.height); i++) {
  for (var j = left; j < min(left + p.columns, p.width); j++) {
    sum = plus(sum, toDouble(magnitude(x[(first + i) * p.width + j])));
  }
}
sums[block] = sum;`,
});

const maskProgram = program({
  name: 'mask-blocks',
  params: ['numbers', ...shapeParams],
  buffers: [
    { name: 'x', type: 'array<u32>' },
    { name: 'kept', type: 'array<u32>', write: true },
    { name: 'y', type: 'array<u32>', write: true },
  ],
  workgroup: [size, 1, 1],
  head: markHead,
  body: `
let at = ${item(size)};
if (at >= p.numbers) { return; }
let row = at / p.width;
let line = row / p.height * p.down + row % p.height / p.rows;
let block = line * p.across + at % p.width / p.columns;
y[at] = mark(kept[block] != 0u, magnitude(x[at]));`,
});

const aligned = (bytes: number): number => Math.ceil(bytes / 256) * 256;

/** Bytes of the parts of scratch memory, one after another. */
const parts = (count: number) => ({
  state: 16,
  histogram: buckets * 4,
  sums: count * 8,
  tiles: Math.ceil(count / tile) * 4,
  kept: count * 4,
});

/** Bytes of scratch memory. */
export function blocksScratch(shape: Shape, rows: number, columns: number): number {
  const bytes = Object.values(parts(blocksOf(shape, rows, columns).count));
  return bytes.reduce((end, part) => end + aligned(part), 0);
}

/** What is told of blocks. */
export interface BlockRule {
  readonly rows: number;
  readonly columns: number;
  readonly drop: (count: number) => number;
}

/** Marks the blocks of the greatest sums. */
export function blocks(
  { rows, columns, drop }: BlockRule,
  shape: Shape,
  [x, y]: readonly [Binding, Binding],
  scratch: (offset: number, bytes: number) => Binding,
): readonly Dispatch[] {
  const { count, params } = blocksOf(shape, rows, columns);
  const numbers = sizeOf(shape);
  const bytes = parts(count);
  let end = 0;
  const part = (name: keyof typeof bytes): Binding => {
    const from = end;
    end += aligned(bytes[name]);
    return scratch(from, bytes[name]);
  };
  const [state, histogram, sums] = [part('state'), part('histogram'), part('sums')];
  const [tiles, kept] = [part('tiles'), part('kept')];
  const tileCount = Math.ceil(count / tile);
  const byTile = grid(tileCount, 1);
  const about = [count, tileCount, drop(count)];
  return [
    fill(state, 4, 0, 'int32'),
    fill(histogram, buckets, 0, 'int32'),
    {
      program: sumsProgram,
      params: [count, ...params],
      buffers: [x, sums],
      workgroups: grid(count, size),
    },
    ...passes.flatMap((pass): Dispatch[] => [
      {
        program: histogramProgram,
        params: [...about, ...pass],
        buffers: [sums, state, histogram],
        workgroups: byTile,
      },
      {
        program: pickProgram,
        params: [...about, ...pass],
        buffers: [state, histogram],
        workgroups: [1, 1, 1],
      },
    ]),
    { program: countProgram, params: about, buffers: [sums, state, tiles], workgroups: byTile },
    { program: sumProgram, params: about, buffers: [tiles], workgroups: [1, 1, 1] },
    {
      program: keepProgram,
      params: about,
      buffers: [sums, state, tiles, kept],
      workgroups: byTile,
    },
    {
      program: maskProgram,
      params: [numbers, ...params],
      buffers: [x, kept, y],
      workgroups: grid(numbers, size),
    },
  ];
}
