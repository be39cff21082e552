// The greatest of each run, where runs are short: a number stays if fewer go before it than stay.
//
//     2:4    1 -3 2 0    before each   2 0 1 3      kept  . -3 2 .
//
//            a thread makes one number and reads its run, which its neighbours read too: 8 bytes a number from
//            memory, the rest from a cache. No order is made, no two threads meet.
import type { Binding, Dispatch } from '../../kernel.js';
import { grid, item, program, variants } from '../../program.js';
import { each } from './each.js';
import { select, selectScratch } from './select.js';
import { markHead, runHead, runNumbers, runParams, type RunGrid } from './runs.js';

const size = 64;
/** Numbers of a run that a thread still counts. */
const short = 32;
/** Numbers of a run that one thread selects from. */
const middling = 1024;

/** How many are dropped of a whole run, and of the last run of a line; which of equal ones stay. */
export interface Drops {
  readonly whole: number;
  readonly tail: number;
  readonly ties: 'first' | 'last';
}

const countProgram = variants((ties: Drops['ties']) =>
  program({
    name: `mask-greatest-${ties}`,
    params: ['count', ...runParams, 'whole', 'tail'],
    buffers: [
      { name: 'x', type: 'array<u32>' },
      { name: 'y', type: 'array<u32>', write: true },
    ],
    workgroup: [size, 1, 1],
    head: markHead + runHead,
    body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let run = runOf(runAt(at));
let v = magnitude(x[at]);
var before = 0u;
var place = run.start;
for (var e = 0u; e < run.length; e++) {
  let other = magnitude(x[place]);
  before += select(0u, 1u, other > v || (other == v && place ${ties === 'first' ? '<' : '>'} at));
  place += p.inner;
}
y[at] = mark(before + select(p.whole, p.tail, run.last) < run.length, v);`,
  }),
);

/** Bytes of scratch memory. */
export const greatestScratch = (runs: RunGrid): number =>
  runs.size <= middling ? 0 : selectScratch(runs);

/** Marks the greatest of each run. */
export function greatest(
  runs: RunGrid,
  drops: Drops,
  buffers: readonly [x: Binding, y: Binding],
  scratch: (offset: number, bytes: number) => Binding,
): readonly Dispatch[] {
  if (runs.size > middling) return select(runs, drops, buffers, scratch);
  if (runs.size > short) return each(runs, drops, buffers);
  const count = runs.outer * runs.extent * runs.inner;
  return [
    {
      program: countProgram(drops.ties),
      params: [count, ...runNumbers(runs), drops.whole, drops.tail],
      buffers,
      workgroups: grid(count, size),
    },
  ];
}
