// Two kernels for every layout there is or will be: scatter puts stored values at their row-major places,
// gather takes them from there. Both read the flat index of the pattern: 4 bytes an entry beside its value. They
// move words rather than numbers, so that every bit arrives.
import { anyLayout, dense, isDense, type Op } from '@lacuna/ir';
import { densify, restrict } from '@lacuna/ops';
import { webgpuKernel, type Binding, type Dispatch, type WebgpuKernel } from '../kernel.js';
import { grid, item, program } from '../program.js';
import { isWords } from './dims.js';
import { copy, fill } from './move.js';

const size = 64;
const outside = '0xffffffffu';

const scatterProgram = program({
  name: 'scatter',
  params: ['count'],
  buffers: [
    { name: 'index', type: 'array<u32>' },
    { name: 'x', type: 'array<u32>' },
    { name: 'y', type: 'array<u32>', write: true },
  ],
  workgroup: [size, 1, 1],
  body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let place = index[at];
if (place != ${outside}) { y[place] = x[at]; }`,
});

const gatherProgram = program({
  name: 'gather',
  params: ['count'],
  buffers: [
    { name: 'index', type: 'array<u32>' },
    { name: 'x', type: 'array<u32>' },
    { name: 'y', type: 'array<u32>', write: true },
  ],
  workgroup: [size, 1, 1],
  body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let place = index[at];
var v = 0u;
if (place != ${outside}) { v = x[place]; }
y[at] = v;`,
});

/** Puts stored values at their places in y. */
export const scattered = (
  count: number,
  index: Binding | undefined,
  x: Binding,
  y: Binding,
): Dispatch => ({
  program: scatterProgram,
  params: [count],
  buffers: [index, x, y],
  workgroups: grid(count, size),
});

/** Takes stored values from their places in x. */
export const gathered = (
  count: number,
  index: Binding | undefined,
  x: Binding,
  y: Binding,
): Dispatch => ({
  program: gatherProgram,
  params: [count],
  buffers: [index, x, y],
  workgroups: grid(count, size),
});

/** What is dense already is copied. */
const scatter = (op: Op): WebgpuKernel =>
  webgpuKernel({
    name: 'scatter',
    op,
    takes: [anyLayout],
    gives: dense,
    when: isWords,
    index: [0],
    exact: true,
    launch: ({ inputs, output }) => {
      const [x, count] = [inputs[0]!, output.operand.stored];
      if (isDense(x.operand.format)) return [copy(count, x.values, output.values)];
      const cleared = fill(output.values, count, 0);
      const { stored } = x.operand;
      if (stored === 0) return [cleared];
      return [cleared, scattered(stored, x.index, x.values, output.values)];
    },
  });

const gather = webgpuKernel({
  name: 'gather',
  op: restrict,
  takes: [dense],
  gives: anyLayout,
  when: isWords,
  index: ['output'],
  exact: true,
  launch: ({ inputs: [x], output }) => [
    gathered(output.operand.stored, output.index, x!.values, output.values),
  ],
});

/** densify and restrict. */
export const convertKernels: readonly WebgpuKernel[] = [
  scatter(densify),
  scatter(restrict),
  gather,
];
