// The shaders of radix selection: see select.ts.
import { item, program, variants } from '../../program.js';
import type { Drops } from './greatest.js';
import { markHead, runHead, runParams } from './runs.js';

export const size = 64;
/** Numbers that a workgroup goes over, and a thread of it. */
export const tile = 2048;
const own = tile / size;
export const buckets = 256;
/** Where the bits of each pass begin, and how many they are. */
export const passes = [
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

export const histogramProgram = program({
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

export const pickProgram = variants((ties: Drops['ties']) =>
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

export const orderProgram = program({
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

export const scanProgram = program({
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

export const writeProgram = program({
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
