// The shaders of radix selection among doubles that are not negative, two words each, the higher one first: 31 bits of it
// and then 32 of the lower one, eight at a time. Of equal ones the last stay.
import { program } from '../../program.js';
import { buckets, size, tile } from './selection.js';

export { buckets, tile };
const own = tile / size;

/** Of each pass: whether it goes over lower words, where its bits begin, and how many they are. */
export const passes = [
  [0, 23, 8],
  [0, 15, 8],
  [0, 7, 8],
  [0, 0, 7],
  [1, 24, 8],
  [1, 16, 8],
  [1, 8, 8],
  [1, 0, 8],
] as const;

const params = ['count', 'tiles', 'drop'];
const passParams = [...params, 'low', 'shift', 'width'];
const sums = { name: 'sums', type: 'array<vec2u>', write: true } as const;
const words = (name: string) => ({ name, type: 'array<u32>', write: true }) as const;
/** The words found so far, and how many of what is equal to them go. */
const state = { name: 'state', type: 'array<vec4u>', write: true } as const;

const tileOf = `
let g = group.x + group.y * groups.x;
if (g >= p.tiles) { return; }
let begin = g * ${tile}u;
let end = min(begin + ${tile}u, p.count);`;

export const histogramProgram = program({
  name: 'doubles-histogram',
  params: passParams,
  buffers: [sums, state, { name: 'histogram', type: 'array<atomic<u32>>', write: true }],
  workgroup: [size, 1, 1],
  head: `var<workgroup> found: array<atomic<u32>, ${buckets}>;`,
  body: `${tileOf}
let s = state[0];
let low = p.low == 1u;
let prefix = select(s.x, s.y, low);
for (var e = begin + local.x; e < end; e += ${size}u) {
  let sum = sums[e];
  let v = select(sum.x, sum.y, low) >> p.shift;
  if (v >> p.width == prefix && (!low || sum.x == s.x)) {
    atomicAdd(&found[v & ((1u << p.width) - 1u)], 1u);
  }
}
workgroupBarrier();
for (var b = local.x; b < ${buckets}u; b += ${size}u) {
  let n = atomicLoad(&found[b]);
  if (n > 0u) { atomicAdd(&histogram[b], n); }
}`,
});

export const pickProgram = program({
  name: 'doubles-pick',
  params: passParams,
  buffers: [state, words('histogram')],
  workgroup: [size, 1, 1],
  body: `
if (local.x > 0u) { return; }
var s = state[0];
if (p.low == 0u && p.shift == ${passes[0][1]}u) { s.z = p.drop; }
var bucket = 0u;
while (s.z > histogram[bucket]) {
  s.z -= histogram[bucket];
  bucket++;
}
for (var b = 0u; b < ${buckets}u; b++) { histogram[b] = 0u; }
if (p.low == 1u) { s.y = (s.y << p.width) | bucket; } else { s.x = (s.x << p.width) | bucket; }
state[0] = s;`,
});

/** WGSL: the sums that are this thread's, neighbours, and how many are the limit. */
const mine = `
let lo = min(begin + local.x * ${own}u, end);
let hi = min(lo + ${own}u, end);
let limit = state[0];
var equal = 0u;
for (var e = lo; e < hi; e++) { equal += select(0u, 1u, all(sums[e] == limit.xy)); }`;

export const countProgram = program({
  name: 'doubles-count',
  params,
  buffers: [sums, state, words('before')],
  workgroup: [size, 1, 1],
  head: 'var<workgroup> total: atomic<u32>;',
  body: `${tileOf}${mine}
atomicAdd(&total, equal);
workgroupBarrier();
if (local.x == 0u) { before[g] = atomicLoad(&total); }`,
});

export const sumProgram = program({
  name: 'doubles-sum',
  params,
  buffers: [words('before')],
  workgroup: [size, 1, 1],
  body: `
if (local.x > 0u) { return; }
var sum = 0u;
for (var t = 0u; t < p.tiles; t++) {
  let n = before[t];
  before[t] = sum;
  sum += n;
}`,
});

export const keepProgram = program({
  name: 'doubles-keep',
  params,
  buffers: [sums, state, words('before'), words('kept')],
  workgroup: [size, 1, 1],
  head: `var<workgroup> meet: array<u32, ${size}>;`,
  body: `${tileOf}${mine}
meet[local.x] = equal;
workgroupBarrier();
var order = before[g];
for (var t = 0u; t < local.x; t++) { order += meet[t]; }
for (var e = lo; e < hi; e++) {
  let sum = sums[e];
  let isLimit = all(sum == limit.xy);
  let greater = sum.x > limit.x || (sum.x == limit.x && sum.y > limit.y);
  kept[e] = select(0u, 1u, greater || (isLimit && order >= limit.z));
  order += select(0u, 1u, isLimit);
}`,
});
