// Ops on two numbers, stretched to one shape.
//
//            a thread makes one number, or four where all lie alike; neighbouring threads take neighbouring
//            numbers, so that reads and writes are whole cache lines. 8 to 12 bytes a number moved, and an
//            operation or few: bound by memory everywhere, which is why products take their bias along.
import { dense, sizeOf, type Op, type Shape } from '@lacuna/ir';
import {
  add,
  biasAdd,
  type BiasAddAttrs,
  divide,
  maximum,
  minimum,
  multiply,
  prelu,
  subtract,
} from '@lacuna/ops';
import { webgpuKernel, type Binding, type Dispatch, type WebgpuKernel } from '../kernel.js';
import { grid, item, program, variants } from '../program.js';
import { copy } from './move.js';
import { absent } from './math.js';
import { dimNumbers, dimParams, isFloat, merge, places, stretched, type Dims } from './dims.js';

const size = 64;

/** How a pair is compiled: f of u and v; `onto`: u is what the output holds already. */
interface Pair {
  readonly name: string;
  readonly f: string;
  readonly rank: number;
  readonly onto: boolean;
}

const pairProgram = variants(({ name, f, rank, onto }: Pair) => {
  const names = onto ? ['b'] : ['a', 'b'];
  return program({
    name,
    params: ['count', ...dimParams(rank, names)],
    buffers: [
      ...(onto ? [] : [{ name: 'x', type: 'array<f32>' }]),
      { name: 'z', type: 'array<f32>' },
      { name: 'y', type: 'array<f32>', write: true },
    ],
    workgroup: [size, 1, 1],
    head: `alias T = f32;\n${absent}`,
    body: `
let at = ${item(size)};
if (at >= p.count) { return; }
${places(rank, names)}
let u = ${onto ? 'y[at]' : 'x[a]'};
let v = z[b];
y[at] = ${f};`,
  });
});

/** The same for operands that lie alike in whole vectors. */
const alikeProgram = variants(({ name, f }: Pick<Pair, 'name' | 'f'>) =>
  program({
    name: `${name}-alike`,
    params: ['count'],
    buffers: [
      { name: 'x', type: 'array<vec4f>' },
      { name: 'z', type: 'array<vec4f>' },
      { name: 'y', type: 'array<vec4f>', write: true },
    ],
    workgroup: [size, 1, 1],
    head: `alias T = vec4f;\n${absent.replace('absent(', 'absent1(').replace('absent4(', 'absent(')}`,
    body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let u = x[at];
let v = z[at];
y[at] = ${f};`,
  }),
);

/** y = f(a, b), each stretched to the output. */
function join(
  name: string,
  f: string,
  shapes: readonly [Shape, Shape],
  out: Shape,
  [a, b, y]: readonly [Binding | undefined, Binding, Binding],
): Dispatch {
  const count = sizeOf(out);
  const steps = (a ? shapes : [shapes[1]]).map((shape) => stretched(shape, out));
  const dims: Dims = merge({ extents: out, steps });
  const alike = a && dims.extents.length === 1 && dims.steps.every(([step]) => step === 1);
  if (alike && count % 4 === 0)
    return {
      program: alikeProgram({ name, f }),
      params: [count / 4],
      buffers: [a, b, y],
      workgroups: grid(count / 4, size),
    };
  return {
    program: pairProgram({ name, f, rank: dims.extents.length, onto: !a }),
    params: [count, ...dimNumbers(dims)],
    buffers: a ? [a, b, y] : [b, y],
    workgroups: grid(count, size),
  };
}

function binary(op: Op, f: string): WebgpuKernel {
  return webgpuKernel({
    name: op.opName,
    op,
    takes: [],
    gives: dense,
    inline: true,
    when: isFloat,
    launch: ({ inputs, output }) => {
      const out = output.operand.shape;
      const [first, ...others] = inputs.map((x) => x!);
      if (others.length === 0) return [copy(sizeOf(out), first!.values, output.values)];
      return others.map((next, at) =>
        join(op.opName, f, [first!.operand.shape, next.operand.shape], out, [
          at === 0 ? first!.values : undefined,
          next.values,
          output.values,
        ]),
      );
    },
  });
}

const biasAddKernel = webgpuKernel<BiasAddAttrs>({
  name: 'biasAdd',
  op: biasAdd,
  takes: [],
  gives: dense,
  inline: true,
  when: isFloat,
  launch: ({ attrs, inputs: [x, b], output }) => {
    const out = output.operand.shape;
    const axis = attrs.axis < 0 ? attrs.axis + out.length : attrs.axis;
    const shape = out.map((extent, dim) => (dim === axis ? extent : 1));
    return [join('biasAdd', 'u + v', [out, shape], out, [x!.values, b!.values, output.values])];
  },
});

/** Comparisons with NaN are false, so that most of these hand it on; the others ask for it. */
export const pairs: ReadonlyMap<Op, string> = new Map([
  [add, 'u + v'],
  [subtract, 'u - v'],
  [multiply, 'u * v'],
  [divide, 'u / v'],
  [maximum, 'select(select(v, u, u > v), u, absent(u))'],
  [minimum, 'select(select(v, u, u < v), u, absent(u))'],
  [prelu, 'select(u, u * v, u < T())'],
]);

/** A kernel for each, and biasAdd. */
export const pointwiseKernels: readonly WebgpuKernel[] = [
  ...[...pairs].map(([op, f]) => binary(op, f)),
  biasAddKernel,
];
