// The greatest of each run, where runs are long: radix selection over the bits of |x|, eight at a time from the
// highest, finds the greatest magnitude that is dropped; of those equal to it the right ones stay, by their order.
//
//     histogram   numbers whose higher bits are those found so far, by their next eight bits: integer atomics,
//                 in workgroup memory for a tile of 2048 numbers and then for the run, so that no order matters
//     pick        the bucket in which the one looked for lies; the rest is looked for inside of it
//     count       equal ones of each tile, and then of all tiles before it
//     write       a number is compared, and an equal one by its order among the equal ones
//
//            4 histograms, so 4 reads of x, 2 more for order, one write: 28 bytes a number, in any number of
//            workgroups. A thread a run picks, which is little beside it. One result, whatever the machine.
import type { Binding, Dispatch } from '../../kernel.js';
import { grid, item, program, variants } from '../../program.js';
import { fill } from '../move.js';
import type { Drops } from './greatest.js';
import { markHead, runHead, runNumbers, runParams, type RunGrid } from './runs.js';

const size = 64;
/** Numbers that a workgroup goes over, and a thread of it. */
const tile = 2048;
const own = tile / size;
const buckets = 256;
/** Where the bits of each pass begin, and how many they are. */
const passes = [
  [23, 8],
  [15, 8],
  [7, 8],
  [0, 7],
] as const;

const params = [...runParams, 'tiles', 'shift', 'width', 'whole', 'tail'];
const x = { name: 'x', type: 'array<u32>' } as const;
const words = (name: string) => ({ name, type: 'array<u32>', write: true }) as const;
const atomics = { name: 'histogram', type: 'array<atomic<u32>>', write: true } as const;
/** Of each run: the higher bits found, how many of the equal ones go, and which stay: from, to. */
const state = { name: 'state', type: 'array<vec4u>', write: true } as const;

/** WGSL: the run and the part of it that are this workgroup's. */
const tileOf = `
let g = group.x + group.y * groups.x;
let k = g / p.tiles;
if (k >= p.runs) { return; }
let run = runOf(k);
let begin = g % p.tiles * ${tile}u;
let end = min(begin + ${tile}u, run.length);`;

const histogramProgram = program({
  name: 'select-histogram',
  params,
  buffers: [x, state, atomics],
  workgroup: [size, 1, 1],
  head: `${markHead}${runHead}
var<workgroup> found: array<atomic<u32>, ${buckets}>;`,
  body: `${tileOf}
let prefix = state[k].x;
for (var e = begin + local.x; e < end; e += ${size}u) {
  let v = magnitude(x[run.start + e * p.inner]) >> p.shift;
  if (v >> p.width == prefix) { atomicAdd(&found[v & ((1u << p.width) - 1u)], 1u); }
}
workgroupBarrier();
for (var b = local.x; b < ${buckets}u; b += ${size}u) {
  let n = atomicLoad(&found[b]);
  if (n > 0u) { atomicAdd(&histogram[k * ${buckets}u + b], n); }
}`,
});

const pickProgram = variants((ties: Drops['ties']) =>
  program({
    name: `select-pick-${ties}`,
    params,
    buffers: [state, words('histogram')],
    workgroup: [size, 1, 1],
    head: runHead,
    body: `
let k = ${item(size)};
if (k >= p.runs) { return; }
var s = state[k];
if (p.shift == ${passes[0][0]}u) { s.y = select(p.whole, p.tail, runOf(k).last); }
let first = k * ${buckets}u;
var bucket = 0u;
var inside = histogram[first];
while (s.y > inside) {
  s.y -= inside;
  bucket++;
  inside = histogram[first + bucket];
}
for (var b = 0u; b < ${buckets}u; b++) { histogram[first + b] = 0u; }
s.x = (s.x << p.width) | bucket;
${ties === 'last' ? 's.z = s.y;\ns.w = 0xffffffffu;' : 's.z = 0u;\ns.w = inside - s.y;'}
state[k] = s;`,
  }),
);

/** WGSL: the numbers that are this thread's, neighbours in its run. */
const mine = `
let lo = min(begin + local.x * ${own}u, end);
let hi = min(lo + ${own}u, end);
let limit = state[k].x;
var equal = 0u;
for (var e = lo; e < hi; e++) {
  equal += select(0u, 1u, magnitude(x[run.start + e * p.inner]) == limit);
}`;

const orderProgram = program({
  name: 'select-count',
  params,
  buffers: [x, state, words('before')],
  workgroup: [size, 1, 1],
  head: `${markHead}${runHead}
var<workgroup> all: atomic<u32>;`,
  body: `${tileOf}${mine}
atomicAdd(&all, equal);
workgroupBarrier();
if (local.x == 0u) { before[g] = atomicLoad(&all); }`,
});

const scanProgram = program({
  name: 'select-scan',
  params,
  buffers: [words('before')],
  workgroup: [size, 1, 1],
  body: `
let k = ${item(size)};
if (k >= p.runs) { return; }
var sum = 0u;
for (var t = k * p.tiles; t < (k + 1u) * p.tiles; t++) {
  let n = before[t];
  before[t] = sum;
  sum += n;
}`,
});

const writeProgram = program({
  name: 'select-write',
  params,
  buffers: [x, state, words('before'), words('y')],
  workgroup: [size, 1, 1],
  head: `${markHead}${runHead}
var<workgroup> meet: array<u32, ${size}>;`,
  body: `${tileOf}${mine}
meet[local.x] = equal;
workgroupBarrier();
var order = 0u;
if (p.tiles > 1u) { order = before[g]; }
for (var t = 0u; t < local.x; t++) { order += meet[t]; }
let s = state[k];
for (var e = lo; e < hi; e++) {
  let at = run.start + e * p.inner;
  let v = magnitude(x[at]);
  y[at] = mark(v > limit || (v == limit && order >= s.z && order < s.w), v);
  order += select(0u, 1u, v == limit);
}`,
});

const aligned = (bytes: number): number => Math.ceil(bytes / 256) * 256;
const tilesOf = (runs: RunGrid): number => Math.ceil(runs.size / tile);

/** Where the parts of scratch memory begin, and where they end. */
function parts(runs: RunGrid): { histogram: number; before: number; end: number } {
  const histogram = aligned(runs.count * 16);
  const before = histogram + aligned(runs.count * buckets * 4);
  return { histogram, before, end: before + runs.count * tilesOf(runs) * 4 };
}

/** Bytes of scratch memory. */
export const selectScratch = (runs: RunGrid): number => parts(runs).end;

/** Marks the greatest of each run. */
export function select(
  runs: RunGrid,
  { whole, tail, ties }: Drops,
  [numbers, y]: readonly [x: Binding, y: Binding],
  scratch: (offset: number, bytes: number) => Binding,
): readonly Dispatch[] {
  const tiles = tilesOf(runs);
  const at = parts(runs);
  const found = scratch(0, runs.count * 16);
  const histogram = scratch(at.histogram, runs.count * buckets * 4);
  const before = scratch(at.before, runs.count * tiles * 4);
  const numbersOf = ([shift, width] = [0, 0]): readonly number[] => [
    ...runNumbers(runs),
    tiles,
    shift,
    width,
    whole,
    tail,
  ];
  const byTile = grid(runs.count * tiles, 1);
  const byRun = grid(runs.count, size);
  const order: Dispatch[] = [
    {
      program: orderProgram,
      params: numbersOf(),
      buffers: [numbers, found, before],
      workgroups: byTile,
    },
    { program: scanProgram, params: numbersOf(), buffers: [before], workgroups: byRun },
  ];
  return [
    fill(found, runs.count * 4, 0, 'int32'),
    fill(histogram, runs.count * buckets, 0, 'int32'),
    ...passes.flatMap(([shift, width]): Dispatch[] => [
      {
        program: histogramProgram,
        params: numbersOf([shift, width]),
        buffers: [numbers, found, histogram],
        workgroups: byTile,
      },
      {
        program: pickProgram(ties),
        params: numbersOf([shift, width]),
        buffers: [found, histogram],
        workgroups: byRun,
      },
    ]),
    ...(tiles > 1 ? order : []),
    {
      program: writeProgram,
      params: numbersOf(),
      buffers: [numbers, found, before, y],
      workgroups: byTile,
    },
  ];
}
