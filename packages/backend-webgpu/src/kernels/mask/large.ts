// What is large: at least a number, or at least a share of the largest of its run.
//
//            magnitudes are compared by their bits. 4 bytes read and written a number; with runs, which find their
//            largest first, x is read twice.
import type { Runs, Shape } from '@lacuna/ir';
import type { Binding, Dispatch } from '../../kernel.js';
import { grid, item, program } from '../../program.js';
import { fill } from '../move.js';
import { leastBits } from './least.js';
import { shareOf } from './share.js';
import { markHead, runGrid, runHead, runNumbers, runParams } from './runs.js';

const size = 64;
/** Numbers that a workgroup goes over. */
const tile = 2048;

const words = (name: string, write = false) => ({ name, type: 'array<u32>', write }) as const;

/** What is not zero, and reaches `least`, in the order of bits. */
const largeProgram = program({
  name: 'mask-large',
  params: ['count', 'least', 'refuses'],
  buffers: [words('x'), words('y', true)],
  workgroup: [size, 1, 1],
  head: markHead,
  body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let v = magnitude(x[at]);
y[at] = mark(v >= p.least, select(0u, v, p.refuses == 1u));`,
});

const largestProgram = program({
  name: 'mask-largest',
  params: [...runParams, 'tiles'],
  buffers: [words('x'), { name: 'largest', type: 'array<atomic<u32>>', write: true }],
  workgroup: [size, 1, 1],
  head: `${markHead}${runHead}
var<workgroup> most: atomic<u32>;`,
  body: `
let g = group.x + group.y * groups.x;
let k = g / p.tiles;
if (k >= p.runs) { return; }
let run = runOf(k);
let begin = g % p.tiles * ${tile}u;
let end = min(begin + ${tile}u, run.length);
var v = 0u;
for (var e = begin + local.x; e < end; e += ${size}u) {
  v = max(v, magnitude(x[run.start + e * p.inner]));
}
atomicMax(&most, v);
workgroupBarrier();
if (local.x == 0u) { atomicMax(&largest[k], atomicLoad(&most)); }`,
});

const reachedProgram = program({
  name: 'mask-reached',
  params: ['count', ...runParams],
  buffers: [words('x'), words('least', true), words('y', true)],
  workgroup: [size, 1, 1],
  head: markHead + runHead,
  body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let v = magnitude(x[at]);
y[at] = mark(v >= least[runAt(at)], v);`,
});

/** Bytes of scratch memory. */
export function largeScratch(shape: Shape, of: Runs | undefined): number {
  return of === undefined ? 0 : runGrid(shape, of)!.count * 4;
}

/** What is not zero; `refuses`: nor infinite, nor NaN. */
export const reaching = (
  least: number,
  refuses: boolean,
  count: number,
  x: Binding,
  y: Binding,
): readonly Dispatch[] => [
  {
    program: largeProgram,
    params: [count, leastBits(least), refuses ? 1 : 0],
    buffers: [x, y],
    workgroups: grid(count, size),
  },
];

/** What is large for its run. */
export function reachingShare(
  share: number,
  of: Runs,
  shape: Shape,
  [x, y]: readonly [Binding, Binding],
  scratch: (offset: number, bytes: number) => Binding,
): readonly Dispatch[] {
  const runs = runGrid(shape, of)!;
  const count = runs.outer * runs.extent * runs.inner;
  const tiles = Math.ceil(runs.size / tile);
  const largest = scratch(0, runs.count * 4);
  return [
    fill(largest, runs.count, 0, 'int32'),
    {
      program: largestProgram,
      params: [...runNumbers(runs), tiles],
      buffers: [x, largest],
      workgroups: grid(runs.count * tiles, 1),
    },
    shareOf(share, runs.count, largest),
    {
      program: reachedProgram,
      params: [count, ...runNumbers(runs)],
      buffers: [x, largest, y],
      workgroups: grid(count, size),
    },
  ];
}
