// Ops on each number: two operands stretched to one shape, or one operand through a function.
import { dense, sizeOf, type Op, type Shape, type Signature } from '@lacuna/ir';
import {
  absolute,
  add,
  biasAdd,
  clamp,
  divide,
  dropout,
  erf,
  exp,
  gelu,
  leakyRelu,
  log,
  maximum,
  minimum,
  multiply,
  power,
  prelu,
  relu,
  relu6,
  rsqrt,
  scale,
  sigmoid,
  sign,
  silu,
  sqrt,
  subtract,
  tanh,
  where,
  type BiasAddAttrs,
  type DropoutAttrs,
  type PowerAttrs,
} from '@lacuna/ops';
import { wasmKernel, type Exports, type WasmKernel } from '../kernel.js';
import { broadcastRuns, rowGroups, spread, type Runs } from './broadcast.js';

const float = 4;
const isFloat = ({ inputs, output }: Signature): boolean =>
  [...inputs, output].every((t) => t === undefined || t.dtype === 'float32');

/**
 * y = a ∘ b, stretched to `out`. The first operand of a call must step with the output: of a commutative export
 * the two change places, of another a is stretched into y first.
 */
function join(
  exports: Exports,
  planes: string,
  shapes: readonly [Shape, Shape],
  out: Shape,
  a: number,
  b: number,
  y: number,
): () => void {
  if (sizeOf(out) === 0) return () => {};
  const runs = broadcastRuns(shapes[0], shapes[1], out);
  const whole = shapes[0].join() === out.join();
  const flip = !whole && !runs.steps[0] && runs.steps[1];
  if (flip && !commutative.has(planes)) {
    const stretched = spread(exports, shapes[0], out, a, y);
    const rest = join(exports, planes, [out, shapes[1]], out, y, b, y);
    return () => {
      stretched();
      rest();
    };
  }
  const run = exports[planes]!;
  const turned: Runs = flip
    ? { ...runs, steps: [true, false], offsets: runs.offsets.map(([p, q, z]) => [q, p, z]) }
    : runs;
  const [p, q] = flip ? [b, a] : [a, b];
  const each = turned.steps[0] && turned.steps[1] ? 1 : 0;
  const calls = rowGroups(turned, true).map(
    ({ from: [x, w, z], rows, step }) =>
      [rows, p + x * float, q + w * float, step[1], y + z * float] as const,
  );
  return () => {
    for (const [rows, x, w, ld, z] of calls) run(0, rows, turned.n, x, w, ld, each, 0, z);
  };
}

const commutative: ReadonlySet<string> = new Set([
  'add_planes',
  'mul_planes',
  'max_planes',
  'min_planes',
]);

function binary(op: Op, planes: string): WasmKernel {
  return wasmKernel({
    name: op.opName,
    op,
    takes: [],
    gives: dense,
    when: isFloat,
    exact: true,
    launch: ({ exports, inputs, output }) => {
      const out = output.operand.shape;
      const [first, ...others] = inputs.map((x) => x!);
      const thunks = others.map((next, at) => {
        const before = at === 0 ? first! : output;
        const shape = at === 0 ? first!.operand.shape : out;
        return join(
          exports,
          planes,
          [shape, next.operand.shape],
          out,
          before.values,
          next.values,
          output.values,
        );
      });
      if (thunks.length === 0)
        return () => exports['copy']!(0, sizeOf(out), first!.values, output.values);
      return thunks.length === 1 ? thunks[0]! : () => thunks.forEach((thunk) => thunk());
    },
  });
}

/** y = f(x), by an export that may take numbers between x and y. */
function unary<A extends object>(
  op: Op<A>,
  name: string | ((attrs: A) => string) = op.opName,
  numbers: (attrs: A) => readonly number[] = () => [],
): WasmKernel {
  return wasmKernel<A>({
    name: op.opName,
    op,
    takes: [],
    gives: dense,
    when: isFloat,
    exact: true,
    launch: ({ exports, attrs, inputs, output }) => {
      const run = exports[typeof name === 'string' ? name : name(attrs)]!;
      const [n, x, y] = [output.operand.stored, inputs[0]!.values, output.values];
      const between = numbers(attrs);
      return () => run(0, n, x, ...between, y);
    },
  });
}

/** Squares are products; other exponents go by way of the logarithm. */
const powerKernel = wasmKernel<PowerAttrs>({
  name: 'power',
  op: power,
  takes: [],
  gives: dense,
  when: isFloat,
  launch: ({ exports, attrs: { exponent }, inputs, output }) => {
    const [n, x, y] = [output.operand.stored, inputs[0]!.values, output.values];
    if (exponent === 0) return () => exports['fill']!(0, n, 1, y);
    if (exponent === 1) return () => exports['copy']!(0, n, x, y);
    if (exponent === 2) return () => exports['mul_planes']!(0, 1, n, x, x, 0, 1, 0, y);
    const kind = Number.isInteger(exponent) ? 2 - Math.abs(exponent % 2) : 0;
    return () => exports['power']!(0, n, x, exponent, kind, y);
  },
});

/** Operands that are smaller than the output are stretched into the scratch. */
const whereKernel = wasmKernel({
  name: 'where',
  op: where,
  takes: [],
  gives: dense,
  when: isFloat,
  scratch: ({ output }) => 3 * output.stored * float,
  exact: true,
  launch: ({ exports, inputs, output, scratch }) => {
    const { shape: out, stored: n } = output.operand;
    const before: (() => void)[] = [];
    const [c, a, b] = inputs.map((x, k) => {
      if (x!.operand.shape.join() === out.join()) return x!.values;
      const room = scratch + k * n * float;
      before.push(spread(exports, x!.operand.shape, out, x!.values, room));
      return room;
    }) as [number, number, number];
    return () => {
      for (const stretch of before) stretch();
      exports['select']!(0, n, c, a, b, output.values);
    };
  },
});

const dropoutKernel = wasmKernel<DropoutAttrs>({
  name: 'dropout',
  op: dropout,
  takes: [],
  gives: dense,
  when: isFloat,
  exact: true,
  launch: ({ exports, attrs: { rate }, inputs, output }) => {
    const [x, seed, n] = [inputs[0]!.values, inputs[1]!.values, output.operand.stored];
    const threshold = Math.round(rate * 2 ** 24);
    return () => exports['dropout']!(0, n, x, seed, threshold, 1 / (1 - rate), output.values);
  },
});

const biasAddKernel = wasmKernel<BiasAddAttrs>({
  name: 'biasAdd',
  op: biasAdd,
  takes: [],
  gives: dense,
  when: isFloat,
  exact: true,
  launch: ({ exports, attrs, inputs, output }) => {
    const out = output.operand.shape;
    const axis = attrs.axis < 0 ? attrs.axis + out.length : attrs.axis;
    const shape = out.map((extent, dim) => (dim === axis ? extent : 1));
    return join(
      exports,
      'add_planes',
      [out, shape],
      out,
      inputs[0]!.values,
      inputs[1]!.values,
      output.values,
    );
  },
});

/** prelu(x) = max(x, 0) + alpha·min(x, 0): alpha stretched as any operand, by way of the scratch. */
const preluKernel = wasmKernel({
  name: 'prelu',
  op: prelu,
  takes: [],
  gives: dense,
  when: isFloat,
  scratch: ({ output }) => output.stored * float,
  exact: true,
  launch: ({ exports, inputs, output, scratch }) => {
    const [x, alpha] = [inputs[0]!, inputs[1]!];
    const [shape, n, y] = [output.operand.shape, output.operand.stored, output.values];
    const runs = broadcastRuns(shape, alpha.operand.shape, shape);
    const [group, ...others] = rowGroups(runs, true);
    if (group && others.length === 0 && group.step[1] === 1 && !runs.steps[1]) {
      // Planes of one slope each, side by side in memory, take one call for all.
      return () => exports['prelu']!(0, group.rows, runs.n, x.values, alpha.values, y);
    }
    const scale = join(
      exports,
      'mul_planes',
      [shape, alpha.operand.shape],
      shape,
      scratch,
      alpha.values,
      scratch,
    );
    return () => {
      exports['clamp']!(0, n, x.values, -Infinity, 0, scratch);
      scale();
      exports['clamp']!(0, n, x.values, 0, Infinity, y);
      exports['add_planes']!(0, 1, n, y, scratch, 0, 1, 0, y);
    };
  },
});

/** Ops on each number. */
export const pointwiseKernels: readonly WasmKernel[] = [
  binary(add, 'add_planes'),
  binary(subtract, 'sub_planes'),
  binary(multiply, 'mul_planes'),
  binary(divide, 'div_planes'),
  binary(maximum, 'max_planes'),
  binary(minimum, 'min_planes'),
  biasAddKernel,
  unary(relu),
  unary(relu6),
  unary(sigmoid),
  unary(absolute),
  unary(sign),
  unary(exp),
  unary(log),
  unary(sqrt, 'sqrt_map'),
  unary(rsqrt),
  unary(tanh),
  unary(erf),
  unary(silu),
  unary(gelu, ({ form }) => (form === 'exact' ? 'gelu' : 'gelu_tanh')),
  unary(scale, 'scale', ({ factor }) => [factor]),
  unary(leakyRelu, 'leaky_relu', ({ slope }) => [slope]),
  unary(clamp, 'clamp', ({ least, most }) => [least, most]),
  powerKernel,
  preluKernel,
  whereKernel,
  dropoutKernel,
];
