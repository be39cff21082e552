// Choices between numbers: where a condition holds, where a mask keeps, and by chance.
//
//            a thread makes one number, and reads up to three, each at its own steps: 8 to 16 bytes a number.
import { dense } from '@lacuna/ir';
import { dropout, masked, where, type DropoutAttrs } from '@lacuna/ops';
import { webgpuKernel, type WebgpuKernel } from '../kernel.js';
import { grid, item, program, variants } from '../program.js';
import { dimNumbers, dimParams, isFloat, merge, places, stretched } from './dims.js';

const size = 64;
const names = ['a', 'b', 'c'];

// Words rather than numbers, so that what is chosen keeps its bits, and a NaN holds as a condition.
const whereProgram = variants((rank: number) =>
  program({
    name: 'where',
    params: ['count', ...dimParams(rank, names)],
    buffers: [
      { name: 'condition', type: 'array<u32>' },
      { name: 'x', type: 'array<u32>' },
      { name: 'z', type: 'array<u32>' },
      { name: 'y', type: 'array<u32>', write: true },
    ],
    workgroup: [size, 1, 1],
    body: `
let at = ${item(size)};
if (at >= p.count) { return; }
${places(rank, names)}
if ((condition[a] & 0x7fffffffu) != 0u) { y[at] = x[b]; } else { y[at] = z[c]; }`,
  }),
);

const whereKernel = webgpuKernel({
  name: 'where',
  op: where,
  takes: [],
  gives: dense,
  when: isFloat,
  exact: true,
  launch: ({ inputs, output }) => {
    const { shape, stored } = output.operand;
    const given = inputs.map((x) => x!);
    const steps = given.map((x) => stretched(x.operand.shape, shape));
    const dims = merge({ extents: shape, steps });
    return [
      {
        program: whereProgram(dims.extents.length),
        params: [stored, ...dimNumbers(dims)],
        buffers: [...given.map((x) => x.values), output.values],
        workgroups: grid(stored, size),
      },
    ];
  },
});

const maskedProgram = program({
  name: 'masked',
  params: ['count'],
  buffers: [
    { name: 'x', type: 'array<u32>' },
    { name: 'mask', type: 'array<u32>' },
    { name: 'y', type: 'array<u32>', write: true },
  ],
  workgroup: [size, 1, 1],
  body: `
let at = ${item(size)};
if (at >= p.count) { return; }
y[at] = select(x[at], 0u, (mask[at] & 0x7fffffffu) == 0u);`,
});

const maskedKernel = webgpuKernel({
  name: 'masked',
  op: masked,
  takes: [],
  gives: dense,
  when: isFloat,
  exact: true,
  launch: ({ inputs: [x, mask], output }) => {
    const { stored } = output.operand;
    return [
      {
        program: maskedProgram,
        params: [stored],
        buffers: [x!.values, mask!.values, output.values],
        workgroups: grid(stored, size),
      },
    ];
  },
});

// The hash of seed and place is lowbias32 of C. Wellons, as the op states it.
const dropoutProgram = program({
  name: 'dropout',
  params: ['count', 'threshold', 'factor: f32'],
  buffers: [
    { name: 'x', type: 'array<f32>' },
    { name: 'seed', type: 'array<u32>' },
    { name: 'y', type: 'array<f32>', write: true },
  ],
  workgroup: [size, 1, 1],
  head: `
fn hash(x: u32) -> u32 {
  var h = x ^ (x >> 16u);
  h *= 0x7feb352du;
  h = (h ^ (h >> 15u)) * 0x846ca68bu;
  return h ^ (h >> 16u);
}`,
  body: `
let at = ${item(size)};
if (at >= p.count) { return; }
y[at] = select(0.0, x[at] * p.factor, (hash(hash(seed[0]) + at) >> 8u) >= p.threshold);`,
});

const dropoutKernel = webgpuKernel<DropoutAttrs>({
  name: 'dropout',
  op: dropout,
  takes: [],
  gives: dense,
  when: isFloat,
  exact: true,
  launch: ({ attrs: { rate }, inputs: [x, seed], output }) => {
    const { stored } = output.operand;
    return [
      {
        program: dropoutProgram,
        params: [stored, Math.round(rate * 2 ** 24), 1 / (1 - rate)],
        buffers: [x!.values, seed!.values, output.values],
        workgroups: grid(stored, size),
      },
    ];
  },
});

/** where, masked, dropout. */
export const choiceKernels: readonly WebgpuKernel[] = [whereKernel, maskedKernel, dropoutKernel];
