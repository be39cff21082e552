// sparseSoftmax over the entries that are stored, in the pattern of x. Of csr and of bitmask a thread takes a row's
// entries as they lie; a pattern that a run found goes along. Of any other layout they are put at their places among −∞, whose share is 0, and taken from there: the dense
// size is written and read four times, whatever the layout.
import { anyLayout, dense, sizeOf, type Layout } from '@lacuna/ir';
import { bitmask, csr } from '@lacuna/layouts';
import { sparseSoftmax } from '@lacuna/ops';
import { webgpuKernel, type WebgpuKernel } from '../kernel.js';
import { grid, item, program } from '../program.js';
import { gathered, scattered } from './convert.js';
import { isFloat } from './dims.js';
import { linesOf, overLines } from './lines.js';
import { absent, bits, exponentialAlone } from './math.js';
import { copy, fill } from './move.js';
import { softmaxInPlace, softmaxLines } from './softmax.js';

const size = 64;
const float = 4;

const rowsProgram = program({
  name: 'sparseSoftmax-rows',
  params: ['rows', 'pos'],
  buffers: [
    { name: 's', type: 'array<u32>' },
    { name: 'x', type: 'array<f32>' },
    { name: 'y', type: 'array<f32>', write: true },
  ],
  workgroup: [size, 1, 1],
  head: absent + bits + exponentialAlone,
  body: `
let row = ${item(size)};
if (row >= p.rows) { return; }
let begin = s[p.pos + row];
let end = s[p.pos + row + 1u];
var most = bits(0xff800000u);
for (var q = begin; q < end; q++) {
  let v = x[q];
  if (v > most || absent(v)) { most = v; }
}
var total = 0.0;
for (var q = begin; q < end; q++) {
  let v = exponential(x[q] - most);
  y[q] = v;
  total += v;
}
for (var q = begin; q < end; q++) { y[q] /= total; }`,
});

/** Rows of a layout that says at `begins` where they begin. */
const rows = (layout: Layout, begins: 'pos' | 'rank'): WebgpuKernel =>
  webgpuKernel({
    name: `sparseSoftmax-${layout.layoutName}`,
    op: sparseSoftmax,
    takes: [layout],
    gives: layout,
    when: (signature) => isFloat(signature) && signature.inputs[0]!.format.layout === layout,
    cost: ({ inputs: [x] }, rates) => (x!.stored * 16) / rates.bandwidth + rates.launch,
    launch: ({ inputs: [x], output }) => {
      const { shape, varies } = output.operand;
      const count = shape[0]!;
      const along = varies
        ? [copy(output.structure!.bytes / 4, x!.structure!, output.structure!)]
        : [];
      return [
        ...along,
        {
          program: rowsProgram,
          params: [count, x!.word(1, begins)],
          buffers: [x!.structure, x!.values, output.values],
          workgroups: grid(count, size),
        },
      ];
    },
  });

const entries = webgpuKernel({
  name: 'sparseSoftmax',
  op: sparseSoftmax,
  takes: [anyLayout],
  gives: anyLayout,
  when: (signature) => isFloat(signature) && signature.inputs[0]!.format.layout !== dense,
  index: [0],
  scratch: ({ output }) => sizeOf(output.shape) * float,
  cost: ({ inputs: [x], output }, rates) =>
    (x!.stored * 24 + sizeOf(output.shape) * 16) / rates.bandwidth + 4 * rates.launch,
  launch: ({ inputs: [x], output, scratch, tuning }) => {
    const { shape, stored } = output.operand;
    const count = sizeOf(shape);
    if (count === 0) return [fill(output.values, stored, 0)];
    const whole = scratch(0, count * float);
    return [
      fill(whole, count, -Infinity),
      scattered(stored, x!.index, x!.values, whole),
      overLines(softmaxInPlace, linesOf(shape, -1), tuning, [], [whole]),
      gathered(stored, x!.index, whole, output.values),
    ];
  },
});

const whole = webgpuKernel({
  name: 'sparseSoftmax-dense',
  op: sparseSoftmax,
  takes: [dense],
  gives: dense,
  when: (signature) => isFloat(signature) && signature.inputs[0]!.format.layout === dense,
  launch: ({ inputs: [x], output, tuning }) => [
    overLines(softmaxLines, linesOf(x!.operand.shape, -1), tuning, [], [x!.values, output.values]),
  ],
});

/** sparseSoftmax of csr, of bitmask, of any layout, of what is dense. */
export const sparseSoftmaxKernels: readonly WebgpuKernel[] = [
  rows(csr, 'pos'),
  rows(bitmask, 'rank'),
  entries,
  whole,
];
