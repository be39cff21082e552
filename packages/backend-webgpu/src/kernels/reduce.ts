// Sums over some of the dimensions, means, and the largest of them.
//
//            a thread makes one number and goes over what is reduced; 4 bytes and an operation a number of x.
//            Where few numbers come of many, several threads share each, in turn so that neighbours read
//            neighbours, and a second run reduces what they found. One order, whatever the machine.
import { dense, sizeOf, stridesOf, type Op, type Shape, type Signature } from '@lacuna/ir';
import { max, mean, reducedDims, sum, sumTo, type Axes, type SumToAttrs } from '@lacuna/ops';
import {
  webgpuKernel,
  type Binding,
  type Dispatch,
  type WebgpuCall,
  type WebgpuKernel,
} from '../kernel.js';
import { grid, item, program, variants } from '../program.js';
import { dimNumbers, dimParams, isFloat, merge, places, type Dims } from './dims.js';
import { absent, bits } from './math.js';

const size = 64;
const float = 4;
/** Threads that keep a device busy, and numbers that are worth one. */
const [busy, worth] = [4096, 64];

/** What two numbers come to, and what none do. */
interface Fold {
  readonly name: 'sum' | 'max';
  readonly start: string;
  readonly step: string;
}
const adding: Fold = { name: 'sum', start: '0.0', step: 'fold += v;' };
const largest: Fold = {
  name: 'max',
  start: 'bits(0xff800000u)',
  step: 'if (v > fold || absent(v)) { fold = v; }',
};

/** Ranks of what stays and of what goes, and whether threads that share a number are neighbours. */
interface Variant extends Fold {
  readonly stay: number;
  readonly go: number;
  readonly near: boolean;
}

const reduceProgram = variants(({ name, start, step, stay, go, near }: Variant) => {
  const inner = dimParams(go, ['b']).map((param) => param.replace('e', 'f'));
  return program({
    name: `reduce-${name}`,
    params: ['count', 'over', 'team', 'factor: f32', ...dimParams(stay, ['a']), ...inner],
    buffers: [
      { name: 'x', type: 'array<f32>' },
      { name: 'y', type: 'array<f32>', write: true },
    ],
    workgroup: [size, 1, 1],
    head: `${absent}${bits}
fn inner(at: u32) -> u32 {
  ${places(go, ['b']).replaceAll('p.e', 'p.f')}
  return b;
}`,
    body: `
let thread = ${item(size)};
if (thread >= p.count * p.team) { return; }
let at = ${near ? 'thread / p.team' : 'thread % p.count'};
${places(stay, ['a'])}
var fold = ${start};
for (var t = ${near ? 'thread % p.team' : 'thread / p.count'}; t < p.over; t += p.team) {
  let v = x[a + inner(t)];
  ${step}
}
y[thread] = fold * p.factor;`,
  });
});

/** What stays and what goes. */
interface Split {
  readonly stay: Dims;
  readonly go: Dims;
}

function splitOf(shape: Shape, over: ReadonlySet<number>): Split {
  const strides = stridesOf(shape);
  const along = (wanted: boolean): Dims => {
    const dims = shape.map((_, dim) => dim).filter((dim) => over.has(dim) === wanted);
    return { extents: dims.map((dim) => shape[dim]!), steps: [dims.map((dim) => strides[dim]!)] };
  };
  return { stay: merge(along(false)), go: merge(along(true)) };
}

/** How many threads share a number. */
function sharing(count: number, summed: number): number {
  const threads = Math.min(Math.floor(busy / Math.max(1, count)), Math.floor(summed / worth));
  return Math.max(1, threads);
}

/** One run: `shared` numbers for each that stays. */
function run(
  fold: Fold,
  { stay, go }: Split,
  shared: number,
  factor: number,
  x: Binding,
  y: Binding,
): Dispatch {
  const [count, summed] = [sizeOf(stay.extents), sizeOf(go.extents)];
  const near = go.steps[0]!.at(-1) === 1;
  return {
    program: reduceProgram({ ...fold, stay: stay.extents.length, go: go.extents.length, near }),
    params: [count, summed, shared, factor, ...dimNumbers(stay), ...dimNumbers(go)],
    buffers: [x, y],
    workgroups: grid(count * shared, size),
  };
}

/** Folds over the dimensions in `over`, times a factor of their size. */
function reduce(
  fold: Fold,
  { inputs: [x], output, scratch }: WebgpuCall,
  over: ReadonlySet<number>,
  factor: (count: number) => number,
): readonly Dispatch[] {
  const split = splitOf(x!.operand.shape, over);
  const [count, summed] = [output.operand.stored, sizeOf(split.go.extents)];
  const shared = sharing(count, summed);
  const by = factor(summed);
  if (shared === 1) return [run(fold, split, 1, by, x!.values, output.values)];
  const found = scratch(0, count * shared * float);
  const near = split.go.steps[0]!.at(-1) === 1;
  const rest: Split = {
    stay: { extents: [count], steps: [[near ? shared : 1]] },
    go: { extents: [shared], steps: [[near ? 1 : count]] },
  };
  return [
    run(fold, split, shared, 1, x!.values, found),
    run(fold, rest, 1, by, found, output.values),
  ];
}

/** Dimensions that an op reduces, of x and the output. */
type Over<A extends object> = (attrs: A, x: Shape, y: Shape) => ReadonlySet<number>;

function kernel<A extends object>(
  op: Op<A>,
  fold: Fold,
  over: Over<A>,
  factor: (count: number) => number = () => 1,
): WebgpuKernel {
  return webgpuKernel<A>({
    name: op.opName,
    op,
    takes: [],
    gives: dense,
    when: isFloat,
    scratch: ({ inputs: [x], output, attrs }: Signature) => {
      const { go } = splitOf(x!.shape, over(attrs as A, x!.shape, output.shape));
      const shared = sharing(output.stored, sizeOf(go.extents));
      return shared === 1 ? 0 : output.stored * shared * float;
    },
    launch: (call) => {
      const [{ shape }, out] = [call.inputs[0]!.operand, call.output.operand.shape];
      return reduce(fold, call, over(call.attrs, shape, out), factor);
    },
  });
}

const overAxes =
  (name: string): Over<{ readonly axes: Axes }> =>
  ({ axes }, x) =>
    reducedDims(name, x, axes);

const stretchedDims: Over<SumToAttrs> = (_, x, y) => {
  const lead = x.length - y.length;
  const dims = x.map((_extent, dim) => dim);
  return new Set(dims.filter((dim) => dim < lead || y[dim - lead] === 1));
};

/** sum, mean, max, sumTo. */
export const reduceKernels: readonly WebgpuKernel[] = [
  kernel(sum, adding, overAxes('sum')),
  kernel(mean, adding, overAxes('mean'), (count) => 1 / count),
  kernel(max, largest, overAxes('max')),
  kernel(sumTo, adding, stretchedDims),
];
