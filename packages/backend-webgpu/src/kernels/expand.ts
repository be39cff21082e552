// densify of csr and bitmask by their structure, as patterns need that a run finds and of which no flat index is at
// hand: rows are put at their places among zeros.
//
//            csr: a workgroup a row, whose threads take every 64th entry: neighbours write near each other. bitmask: a
//            thread a row, which goes through its bits as products do. 4 bytes cleared and up to 10 moved a number.
import { dense, type Layout } from '@lacuna/ir';
import { bitmask, csr } from '@lacuna/layouts';
import { densify } from '@lacuna/ops';
import { webgpuKernel, type Dispatch, type WebgpuKernel, type WebgpuOperand } from '../kernel.js';
import { grid, item, program, variants } from '../program.js';
import { coordinates, widthOf } from './coordinates.js';
import { isWords } from './dims.js';
import { fill } from './move.js';

const size = 64;
const buffers = [
  { name: 's', type: 'array<u32>' },
  { name: 'x', type: 'array<u32>' },
  { name: 'y', type: 'array<u32>', write: true },
] as const;

const rowsProgram = variants((width: ReturnType<typeof widthOf>) =>
  program({
    name: `densify-csr-${width}`,
    params: ['rows', 'columns', 'pos', 'crd'],
    buffers,
    workgroup: [size, 1, 1],
    head: coordinates(width),
    body: `
let row = group.x + group.y * groups.x;
if (row >= p.rows) { return; }
let end = s[p.pos + row + 1u];
for (var q = s[p.pos + row] + local.x; q < end; q += ${size}u) {
  y[row * p.columns + crd(q)] = x[q];
}`,
  }),
);

const bitsProgram = program({
  name: 'densify-bitmask',
  params: ['rows', 'columns', 'rank', 'bits', 'bytes'],
  buffers,
  workgroup: [size, 1, 1],
  body: `
let row = ${item(size)};
if (row >= p.rows) { return; }
var q = s[p.rank + row];
let end = s[p.rank + row + 1u];
var at = row * p.bytes;
for (var base = row * p.columns; q < end; base += 8u) {
  var word = extractBits(s[p.bits + (at >> 2u)], (at & 3u) * 8u, 8u);
  at++;
  for (; word != 0u; word &= word - 1u) {
    y[base + firstTrailingBit(word)] = x[q];
    q++;
  }
}`,
});

const kernel = (
  layout: Layout,
  put: (x: WebgpuOperand, shape: readonly [number, number]) => Omit<Dispatch, 'buffers'>,
): WebgpuKernel =>
  webgpuKernel({
    name: `densify-${layout.layoutName}`,
    op: densify,
    takes: [layout],
    gives: dense,
    when: (signature) => isWords(signature) && signature.inputs[0]!.format.layout === layout,
    exact: true,
    launch: ({ inputs: [x], output }) => {
      const { shape, stored } = output.operand;
      return [
        fill(output.values, stored, 0),
        {
          ...put(x!, shape as [number, number]),
          buffers: [x!.structure, x!.values, output.values],
        },
      ];
    },
  });

/** densify of csr and bitmask. */
export const expandKernels: readonly WebgpuKernel[] = [
  kernel(csr, (x, [rows, columns]) => ({
    program: rowsProgram(widthOf(x.operand, 1)),
    params: [rows, columns, x.word(1, 'pos'), x.word(1, 'crd')],
    workgroups: grid(rows, 1),
  })),
  kernel(bitmask, (x, [rows, columns]) => ({
    program: bitsProgram,
    params: [rows, columns, x.word(1, 'rank'), x.word(1, 'mask'), Math.ceil(columns / 8)],
    workgroups: grid(rows, size),
  })),
];
