// The greatest of each run, where runs are of middling length: radix selection as in select.ts, four bits at a time,
// by one thread a run, which needs no other.
//
//            8 sweeps of a run that a cache holds, and one that writes: 8 bytes a number from memory. Workgroups:
//            runs / 64.
import type { Binding, Dispatch } from '../../kernel.js';
import { grid, item, program, variants } from '../../program.js';
import type { Drops } from './greatest.js';
import { markHead, runHead, runNumbers, runParams, type RunGrid } from './runs.js';

const size = 64;

const eachProgram = variants((ties: Drops['ties']) =>
  program({
    name: `mask-each-${ties}`,
    params: [...runParams, 'whole', 'tail'],
    buffers: [
      { name: 'x', type: 'array<u32>' },
      { name: 'y', type: 'array<u32>', write: true },
    ],
    workgroup: [size, 1, 1],
    head: markHead + runHead,
    body: `
let k = ${item(size)};
if (k >= p.runs) { return; }
let run = runOf(k);
var drop = select(p.whole, p.tail, run.last);
var limit = 0u;
var equal = 0u;
for (var turn = 0u; turn < 8u; turn++) {
  let shift = 28u - 4u * turn;
  var found = array<u32, 16>();
  for (var e = 0u; e < run.length; e++) {
    let v = magnitude(x[run.start + e * p.inner]) >> shift;
    if (v >> 4u == limit) { found[v & 15u]++; }
  }
  var bucket = 0u;
  while (drop > found[bucket]) {
    drop -= found[bucket];
    bucket++;
  }
  limit = (limit << 4u) | bucket;
  equal = found[bucket];
}
var order = 0u;
for (var e = 0u; e < run.length; e++) {
  let at = run.start + e * p.inner;
  let v = magnitude(x[at]);
  let stays = ${ties === 'last' ? 'order >= drop' : 'order + drop < equal'};
  y[at] = mark(v > limit || (v == limit && stays), v);
  order += select(0u, 1u, v == limit);
}`,
  }),
);

/** Marks the greatest of each run. */
export function each(
  runs: RunGrid,
  { whole, tail, ties }: Drops,
  buffers: readonly [x: Binding, y: Binding],
): readonly Dispatch[] {
  return [
    {
      program: eachProgram(ties),
      params: [...runNumbers(runs), whole, tail],
      buffers,
      workgroups: grid(runs.count, size),
    },
  ];
}
