// One position, in two forms. Threads take items, a few rows each, and add the lanes of their sums at the end; or the
// lanes of a subgroup share an item, so that they read neighbouring entries, and their sums are added across the lanes.
//
//   threads     t0 ───────► y0        lanes     l0 ─ · · · l0 ─ ┐
//               t1 ───────► y1                  l1 · ─ · · l1 · ├─ subgroupAdd ─► y0
//               t2 ───────► y2                  l2 · · ─ · l2 · ┘
//
//            W is read once by either. Threads: a lane reads a row of its own, so that a card fetches a cache line for
//            each, and M/rows threads are all there are. Lanes: one line for all, and M/rows subgroups, which is what
//            fills a card; an addition of log2(lanes) steps a row is what it costs.
import { item, program, type Program, type ProgramSpec } from '../program.js';
import { declared, keyOf, threads, type Inner } from './family.js';
import { each } from './tile.js';

/** WGSL that adds the bias to the sum of `row`, finishes it, and writes it. */
const store = (sum: string): string => `
    let b = bias[row]; // an empty one reads as zero
    y[row] = activate(vec4f(${sum} + b))[0];`;

const sum = (r: number): string => `dot(a${r}, vec4f(1.0))`;

/** WGSL for the sums of one position that a thread has by itself. */
export const storeNumber = (r: number): string => store(sum(r));

const alone = ({ rows, row, loop }: Inner): string => `
let item = ${item(threads)};
if (item >= p.items) { return; }
${each(rows, (r) => `var a${r} = vec4f();`)}
${loop(1, false)}
${each(
  rows,
  (r) => `{
  let row = ${row(r)};
  if (row < p.m) {${storeNumber(r)}
  }
}`,
)}`;

// Which threads a subgroup has, and how many, is not known: its lanes bring the items of the threads that they are, and
// go through all of them together, the least first. Every `apart`th thread brings one, so that a subgroup of so many
// threads, the least there are on the device, has one.
const shared = ({ rows, row, loop }: Inner, apart: number): string => `
let lanes = subgroupAdd(1u);
let lane = subgroupExclusiveAdd(1u);
let brought = (group.x + group.y * groups.x) * ${threads / apart}u + local.x / ${apart}u;
var mine = select(p.items, brought, local.x % ${apart}u == 0u);
loop {
  let item = subgroupMin(mine);
  if (item >= p.items) { break; }
  if (mine == item) { mine = p.items; }
  ${each(rows, (r) => `var a${r} = vec4f();`)}
  ${loop(1, false)}
  ${each(
    rows,
    (r) => `{
    let row = ${row(r)};
    let sum = subgroupAdd(${sum(r)});
    if (lane == 0u && row < p.m) {${store('sum')}
    }
  }`,
  )}
}`;

/** The program for one position; `apart`: threads of the smallest subgroup that there is, for a loop that is spread. */
export function vectorShell(name: string, inner: Inner, apart: number): Program {
  const key = `${keyOf(name, inner)} ${inner.spread ? apart : ''}`;
  let made = known.get(key);
  if (!made) known.set(key, (made = build(name, inner, apart)));
  return made;
}
const known = new Map<string, Program>();

function build(name: string, inner: Inner, apart: number): Program {
  const { params, buffers, head } = declared(inner);
  const form: Pick<ProgramSpec, 'name' | 'body' | 'enable'> = inner.spread
    ? { name: `${name}-lanes`, enable: ['subgroups'], body: shared(inner, apart) }
    : { name, body: alone(inner) };
  return program({
    params,
    head,
    buffers: [
      ...buffers,
      { name: 'x', type: inner.gathers ? 'array<f32>' : `array<${inner.x ?? 'vec4f'}>` },
      { name: 'bias', type: 'array<f32>' },
      { name: 'y', type: 'array<f32>', write: true },
    ],
    workgroup: [threads, 1, 1],
    ...form,
  });
}
