// Functions of one number.
//
//            a thread makes one number; neighbouring threads take neighbouring numbers, so that reads and writes
//            are whole cache lines. 8 bytes a number, and an operation to some thirty: bound by memory on any
//            GPU, which is why products take their activation along.
import { dense, type Op } from '@lacuna/ir';
import {
  absolute,
  clamp,
  erf,
  exp,
  gelu,
  leakyRelu,
  log,
  power,
  relu,
  relu6,
  rsqrt,
  scale,
  sigmoid,
  sign,
  silu,
  sqrt,
  tanh,
  type PowerAttrs,
} from '@lacuna/ops';
import { webgpuKernel, type Binding, type Dispatch, type WebgpuKernel } from '../kernel.js';
import { grid, item, program, variants } from '../program.js';
import { isFloat } from './dims.js';
import { errorFunction, exponential, hyperbolic, logarithm, powers } from './math.js';

const size = 64;

/** What a function is compiled from: WGSL of v, and its parameters, by name as `p.name`. */
export interface Unary {
  readonly f: string;
  readonly head?: string;
  readonly params?: Readonly<Record<string, number>>;
}

const unaryProgram = variants(
  ({ name, f, head = '', names }: Omit<Unary, 'params'> & { name: string; names: string[] }) =>
    program({
      name,
      params: ['count', ...names.map((p) => `${p}: f32`)],
      buffers: [
        { name: 'x', type: 'array<f32>' },
        { name: 'y', type: 'array<f32>', write: true },
      ],
      workgroup: [size, 1, 1],
      head,
      body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let v = x[at];
y[at] = ${f};`,
    }),
);

/** y = f(x) for `count` numbers. */
export function map(name: string, spec: Unary, count: number, x: Binding, y: Binding): Dispatch {
  const { params = {}, ...rest } = spec;
  return {
    program: unaryProgram({ ...rest, name, names: Object.keys(params) }),
    params: [count, ...Object.values(params)],
    buffers: [x, y],
    workgroups: grid(count, size),
  };
}

const unary = ([op, of]: readonly [Op, UnaryOf]): WebgpuKernel =>
  webgpuKernel({
    name: op.opName,
    op,
    takes: [],
    gives: dense,
    inline: true,
    when: isFloat,
    launch: ({ attrs, inputs: [x], output }) => [
      map(op.opName, of(attrs), output.operand.stored, x!.values, output.values),
    ],
  });

/** A function's WGSL under attributes. */
type UnaryOf = (attrs: object) => Unary;

/** An op with its WGSL, which may depend on its attributes. */
const entry = <A extends object>(
  op: Op<A>,
  spec: Unary | ((attrs: A) => Unary),
): readonly [Op, UnaryOf] => [op, typeof spec === 'function' ? (spec as UnaryOf) : () => spec];

/** Squares are products; other exponents go by way of the logarithm. */
function powerOf({ exponent }: PowerAttrs): Unary {
  if (exponent === 0) return { f: '1.0' };
  if (exponent === 1) return { f: 'v' };
  if (exponent === 2) return { f: 'v * v' };
  const kind = Number.isInteger(exponent) ? 2 - Math.abs(exponent % 2) : 0;
  return { f: `power(v, p.exponent, ${kind}u)`, head: powers, params: { exponent } };
}

const gelus = {
  exact: { f: '0.5 * v * (1.0 + errorFunction(v * 0.70710678))', head: errorFunction },
  tanh: {
    f: '0.5 * v * (1.0 + hyperbolic(0.79788456 * fma(v * v, v * 0.044715, v)))',
    head: hyperbolic,
  },
} as const;

/** Comparisons with NaN are false, so that most of these hand it on; the others ask for it. */
export const functions: ReadonlyMap<Op, UnaryOf> = new Map([
  entry(relu, { f: 'select(v, 0.0, v < 0.0)' }),
  entry(relu6, { f: 'select(select(v, 0.0, v < 0.0), 6.0, v > 6.0)' }),
  entry(leakyRelu, ({ slope }) => ({
    f: 'select(v, v * p.slope, v < 0.0)',
    params: { slope },
  })),
  entry(clamp, ({ least, most }) => ({
    f: 'select(select(v, p.least, v < p.least), p.most, v > p.most)',
    params: { least, most },
  })),
  entry(scale, ({ factor }) => ({ f: 'v * p.factor', params: { factor } })),
  entry(absolute, { f: 'abs(v)' }),
  entry(sign, { f: 'select(select(v, -1.0, v < 0.0), 1.0, v > 0.0)' }),
  entry(sqrt, { f: 'sqrt(v)' }),
  entry(rsqrt, { f: '1.0 / sqrt(v)' }),
  entry(power, powerOf),
  entry(exp, { f: 'exponential(v)', head: exponential }),
  entry(log, { f: 'logarithm(v)', head: logarithm }),
  entry(sigmoid, { f: '1.0 / (1.0 + exponential(-v))', head: exponential }),
  entry(silu, { f: 'v * (1.0 / (1.0 + exponential(-v)))', head: exponential }),
  entry(tanh, { f: 'hyperbolic(v)', head: hyperbolic }),
  entry(erf, { f: 'errorFunction(v)', head: errorFunction }),
  entry(gelu, ({ form }) => gelus[form]),
]);

/** A kernel for each. */
export const functionKernels: readonly WebgpuKernel[] = [...functions].map(unary);
