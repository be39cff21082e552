// Sums over some of the dimensions, and means.
//
//            a thread makes one number and goes over what is summed, in storage order; 4 bytes and an addition
//            a number of x. Threads that are neighbours read neighbours where the last dimension stays; where
//            it is summed, each reads its own row. Deterministic: one order, whatever the machine.
import { dense, sizeOf, stridesOf, type Op, type Shape } from '@lacuna/ir';
import { mean, sum, sumTo } from '@lacuna/ops';
import { webgpuKernel, type Dispatch, type WebgpuCall, type WebgpuKernel } from '../kernel.js';
import { grid, item, program, variants } from '../program.js';
import { dimNumbers, dimParams, isFloat, merge, places } from './dims.js';

const size = 64;

/** Ranks of what stays and of what is summed. */
interface Ranks {
  readonly stay: number;
  readonly go: number;
}

const reduceProgram = variants(({ stay, go }: Ranks) => {
  const inner = dimParams(go, ['b']).map((name) => name.replace('e', 'f'));
  return program({
    name: 'reduce',
    params: ['count', 'over', 'factor: f32', ...dimParams(stay, ['a']), ...inner],
    buffers: [
      { name: 'x', type: 'array<f32>' },
      { name: 'y', type: 'array<f32>', write: true },
    ],
    workgroup: [size, 1, 1],
    head: `
fn inner(at: u32) -> u32 {
  ${places(go, ['b']).replaceAll('p.e', 'p.f')}
  return b;
}`,
    body: `
let at = ${item(size)};
if (at >= p.count) { return; }
${places(stay, ['a'])}
var sum = 0.0;
for (var t = 0u; t < p.over; t++) { sum += x[a + inner(t)]; }
y[at] = sum * p.factor;`,
  });
});

/** Sums over the dimensions in `over`, times a factor of their size. */
function reduce(
  { inputs: [x], output }: WebgpuCall,
  over: ReadonlySet<number>,
  factor: (count: number) => number,
): readonly Dispatch[] {
  const { shape } = x!.operand;
  const strides = stridesOf(shape);
  const along = (wanted: boolean): { extents: number[]; steps: number[][] } => {
    const dims = shape.map((_, dim) => dim).filter((dim) => over.has(dim) === wanted);
    return { extents: dims.map((dim) => shape[dim]!), steps: [dims.map((dim) => strides[dim]!)] };
  };
  const [stay, go] = [merge(along(false)), merge(along(true))];
  const [count, summed] = [output.operand.stored, sizeOf(go.extents)];
  return [
    {
      program: reduceProgram({ stay: stay.extents.length, go: go.extents.length }),
      params: [count, summed, factor(summed), ...dimNumbers(stay), ...dimNumbers(go)],
      buffers: [x!.values, output.values],
      workgroups: grid(count, size),
    },
  ];
}

const axesOf = (axes: readonly number[], shape: Shape): Set<number> =>
  new Set(axes.map((axis) => (axis < 0 ? axis + shape.length : axis)));

function overAxes<A extends { readonly axes: readonly number[] }>(
  op: Op<A>,
  factor: (count: number) => number,
): WebgpuKernel {
  return webgpuKernel<A>({
    name: op.opName,
    op,
    takes: [],
    gives: dense,
    when: isFloat,
    launch: (call) => reduce(call, axesOf(call.attrs.axes, call.inputs[0]!.operand.shape), factor),
  });
}

const sumToKernel = webgpuKernel({
  name: 'sumTo',
  op: sumTo,
  takes: [],
  gives: dense,
  when: isFloat,
  launch: (call) => {
    const [{ shape }, out] = [call.inputs[0]!.operand, call.output.operand.shape];
    const lead = shape.length - out.length;
    const dims = shape.map((_, dim) => dim);
    return reduce(call, new Set(dims.filter((d) => d < lead || out[d - lead] === 1)), () => 1);
  },
});

/** sum, sumTo, mean. */
export const reduceKernels: readonly WebgpuKernel[] = [
  overAxes(sum, () => 1),
  overAxes(mean, (count) => 1 / count),
  sumToKernel,
];
