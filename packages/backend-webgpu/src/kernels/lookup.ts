// Looking places up: gather, embedding, scatterAdd. Indices are float32 or int32; one outside names nothing.
//
//   gather, embedding    a thread a number of y, neighbours along rows of what is looked up: 12 bytes a number
//   scatterAdd           x is copied; then a thread a line goes through the line's indices and adds: no two
//                        threads write to one place, so that no atomics are needed and the order is always one.
//                        A table's gradient has as many lines as the table has columns
import { dense, type OperandType, type Signature } from '@lacuna/ir';
import { embedding, gather, scatterAdd, type GatherAttrs, type ScatterAddAttrs } from '@lacuna/ops';
import { webgpuKernel, type WebgpuKernel, type WebgpuOperand } from '../kernel.js';
import { grid, item, program, variants } from '../program.js';
import { copy } from './move.js';
import { linesOf } from './lines.js';
import { absent } from './math.js';

const size = 64;

type IndexType = 'f32' | 'i32';

const isFloat = (type: OperandType | undefined): boolean => type!.dtype === 'float32';
/** Numbers are floats, and indices floats or integers. */
const indexed = ({ inputs, output }: Signature): boolean =>
  [...inputs, output].every((type, k) => isFloat(type) || (k === 1 && type!.dtype === 'int32'));
const typeOf = ({ operand }: WebgpuOperand): IndexType =>
  operand.dtype === 'int32' ? 'i32' : 'f32';

const none = '0xffffffffu';
const places = (type: IndexType): string =>
  type === 'i32'
    ? `
fn placeOf(v: i32, extent: u32) -> u32 { return select(${none}, u32(v), v >= 0 && u32(v) < extent); }
`
    : `${absent}
fn placeOf(v: f32, extent: u32) -> u32 {
  if (absent(v) || !(v >= 0.0 && v < f32(extent))) { return ${none}; }
  return u32(floor(v));
}
`;

// Words rather than numbers, so that what is looked up keeps its bits.
const gatherProgram = variants((type: IndexType) =>
  program({
    name: 'gather',
    params: ['count', 'taken', 'extent', 'inner', 'missing: f32'],
    buffers: [
      { name: 'x', type: 'array<u32>' },
      { name: 'indices', type: `array<${type}>` },
      { name: 'y', type: 'array<u32>', write: true },
    ],
    workgroup: [size, 1, 1],
    head: places(type),
    body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let place = placeOf(indices[at], p.extent);
var v = bitcast<u32>(p.missing);
if (place != ${none}) { v = x[(at / (p.taken * p.inner) * p.extent + place) * p.inner + at % p.inner]; }
y[at] = v;`,
  }),
);

const gatherKernel = webgpuKernel<GatherAttrs>({
  name: 'gather',
  op: gather,
  takes: [],
  gives: dense,
  when: indexed,
  exact: true,
  launch: ({ attrs: { axis, missing }, inputs, output }) => {
    const [x, indices] = [inputs[0]!, inputs[1]!];
    const { extent, inner } = linesOf(x.operand.shape, axis);
    const { extent: taken } = linesOf(indices.operand.shape, axis);
    const { stored } = output.operand;
    return [
      {
        program: gatherProgram(typeOf(indices)),
        params: [stored, taken, extent, inner, missing],
        buffers: [x.values, indices.values, output.values],
        workgroups: grid(stored, size),
      },
    ];
  },
});

const embeddingProgram = variants((type: IndexType) =>
  program({
    name: 'embedding',
    params: ['count', 'rows', 'width', 'missing: f32'],
    buffers: [
      { name: 'table', type: 'array<u32>' },
      { name: 'indices', type: `array<${type}>` },
      { name: 'y', type: 'array<u32>', write: true },
    ],
    workgroup: [size, 1, 1],
    head: places(type),
    body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let row = placeOf(indices[at / p.width], p.rows);
var v = bitcast<u32>(p.missing);
if (row != ${none}) { v = table[row * p.width + at % p.width]; }
y[at] = v;`,
  }),
);

const embeddingKernel = webgpuKernel({
  name: 'embedding',
  op: embedding,
  takes: [],
  gives: dense,
  when: indexed,
  exact: true,
  launch: ({ inputs, output }) => {
    const [table, indices] = [inputs[0]!, inputs[1]!];
    const [rows, width] = table.operand.shape as [number, number];
    const { stored } = output.operand;
    return [
      {
        program: embeddingProgram(typeOf(indices)),
        params: [stored, rows, width, NaN],
        buffers: [table.values, indices.values, output.values],
        workgroups: grid(stored, size),
      },
    ];
  },
});

const scatterProgram = variants((type: IndexType) =>
  program({
    name: 'scatterAdd',
    params: ['lines', 'taken', 'extent', 'inner'],
    buffers: [
      { name: 'indices', type: `array<${type}>` },
      { name: 'updates', type: 'array<f32>' },
      { name: 'y', type: 'array<f32>', write: true },
    ],
    workgroup: [size, 1, 1],
    head: places(type),
    body: `
let line = ${item(size)};
if (line >= p.lines) { return; }
let o = line / p.inner;
let i = line % p.inner;
for (var k = 0u; k < p.taken; k++) {
  let at = (o * p.taken + k) * p.inner + i;
  let place = placeOf(indices[at], p.extent);
  if (place != ${none}) { y[(o * p.extent + place) * p.inner + i] += updates[at]; }
}`,
  }),
);

const scatterAddKernel = webgpuKernel<ScatterAddAttrs>({
  name: 'scatterAdd',
  op: scatterAdd,
  takes: [],
  gives: dense,
  when: indexed,
  exact: true,
  launch: ({ attrs: { axis }, inputs, output }) => {
    const [x, indices, updates] = [inputs[0]!, inputs[1]!, inputs[2]!];
    const { outer, extent, inner } = linesOf(x.operand.shape, axis);
    const { extent: taken } = linesOf(indices.operand.shape, axis);
    const copied = copy(output.operand.stored, x.values, output.values);
    if (taken === 0) return [copied];
    return [
      copied,
      {
        program: scatterProgram(typeOf(indices)),
        params: [outer * inner, taken, extent, inner],
        buffers: [indices.values, updates.values, output.values],
        workgroups: grid(outer * inner, size),
      },
    ];
  },
});

/** gather, embedding, scatterAdd. */
export const lookupKernels: readonly WebgpuKernel[] = [
  gatherKernel,
  embeddingKernel,
  scatterAddKernel,
];
