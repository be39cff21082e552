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
import { wasmKernel, type Stage, type WasmKernel } from '../kernel.js';
import { broadcastRuns, rowGroups, spread, type Runs } from './broadcast.js';
import { moved } from './positions.js';

const float = 4;
const isFloat = ({ inputs, output }: Signature): boolean =>
  [...inputs, output].every((t) => t === undefined || t.dtype === 'float32');

/**
 * y = a ∘ b, stretched to `out`. The first operand of a call must step with the output: of a commutative export
 * the two change places, of another a is stretched into y first.
 */
function join(
  planes: string,
  shapes: readonly [Shape, Shape],
  out: Shape,
  a: number,
  b: number,
  y: number,
): readonly Stage[] {
  if (sizeOf(out) === 0) return [];
  const runs = broadcastRuns(shapes[0], shapes[1], out);
  const whole = shapes[0].join() === out.join();
  const flip = !whole && !runs.steps[0] && runs.steps[1];
  if (flip && !commutative.has(planes))
    return [...spread(shapes[0], out, a, y), ...join(planes, [out, shapes[1]], out, y, b, y)];
  const turned: Runs = flip
    ? { ...runs, steps: [true, false], offsets: runs.offsets.map(([p, q, z]) => [q, p, z]) }
    : runs;
  const [p, q] = flip ? [b, a] : [a, b];
  const each = turned.steps[0] && turned.steps[1] ? 1 : 0;
  return rowGroups(turned, true).flatMap(({ from: [x, w, z], rows, step }) =>
    planesOf(planes, {
      rows,
      n: turned.n,
      a: p + x * float,
      b: q + w * float,
      ldb: step[1],
      each,
      y: y + z * float,
    }),
  );
}

/** One call over planes. */
interface Planes {
  readonly rows: number;
  readonly n: number;
  readonly a: number;
  readonly b: number;
  readonly ldb: number;
  readonly each: number;
  readonly y: number;
}

/** Numbers of a row that a long one is cut into, for threads to share. */
const cut = 2048;

/** A call over planes; one long row is many rows and what is left. */
function planesOf(name: string, { rows, n, a, b, ldb, each, y }: Planes): readonly Stage[] {
  const stage = (rows: number, n: number, ldb: number, from: number): Stage => ({
    name,
    units: rows,
    args: [n, a + from * float, b + from * each * float, ldb, each, 0, y + from * float],
    work: rows * n * moved,
  });
  if (rows > 1 || n < 2 * cut) return [stage(rows, n, ldb, 0)];
  const [count, left] = [Math.floor(n / cut), n % cut];
  const even = stage(count, cut, each * cut, 0);
  return left === 0 ? [even] : [even, stage(1, left, 0, n - left)];
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
    launch: ({ inputs, output }) => {
      const out = output.operand.shape;
      const [first, ...others] = inputs.map((x) => x!);
      if (others.length === 0) return [flat('copy', sizeOf(out), [first!.values, output.values])];
      return others.flatMap((next, at) => {
        const before = at === 0 ? first! : output;
        const shapes = [at === 0 ? first!.operand.shape : out, next.operand.shape] as const;
        return join(planes, shapes, out, before.values, next.values, output.values);
      });
    },
  });
}

/** A call over `n` numbers side by side. */
function flat(name: string, n: number, args: readonly number[]): Stage {
  return { name, units: n, args, work: n * (dear.has(name) ? 20 : moved), grain: 64 };
}

/** Functions of some twenty multiply-adds. */
const dear: ReadonlySet<string> = new Set(
  'exp log sigmoid tanh erf silu gelu gelu_tanh power'.split(' '),
);

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
    launch: ({ attrs, inputs, output }) => {
      const args = [inputs[0]!.values, ...numbers(attrs), output.values];
      return [flat(typeof name === 'string' ? name : name(attrs), output.operand.stored, args)];
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
  launch: ({ attrs: { exponent }, inputs, output }) => {
    const [n, x, y] = [output.operand.stored, inputs[0]!.values, output.values];
    if (exponent === 0) return [flat('fill', n, [1, y])];
    if (exponent === 1) return [flat('copy', n, [x, y])];
    if (exponent === 2)
      return planesOf('mul_planes', { rows: 1, n, a: x, b: x, ldb: 0, each: 1, y });
    const kind = Number.isInteger(exponent) ? 2 - Math.abs(exponent % 2) : 0;
    return [flat('power', n, [x, exponent, kind, y])];
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
  launch: ({ inputs, output, scratch }) => {
    const { shape: out, stored: n } = output.operand;
    const before: Stage[] = [];
    const operands = inputs.map((x, k) => {
      if (x!.operand.shape.join() === out.join()) return x!.values;
      const room = scratch + k * n * float;
      before.push(...spread(x!.operand.shape, out, x!.values, room));
      return room;
    });
    return [...before, flat('select', n, [...operands, output.values])];
  },
});

const dropoutKernel = wasmKernel<DropoutAttrs>({
  name: 'dropout',
  op: dropout,
  takes: [],
  gives: dense,
  when: isFloat,
  exact: true,
  launch: ({ attrs: { rate }, inputs, output }) => {
    const [x, seed, n] = [inputs[0]!.values, inputs[1]!.values, output.operand.stored];
    const threshold = Math.round(rate * 2 ** 24);
    return [flat('dropout', n, [x, seed, threshold, 1 / (1 - rate), output.values])];
  },
});

const biasAddKernel = wasmKernel<BiasAddAttrs>({
  name: 'biasAdd',
  op: biasAdd,
  takes: [],
  gives: dense,
  when: isFloat,
  exact: true,
  launch: ({ attrs, inputs, output }) => {
    const out = output.operand.shape;
    const axis = attrs.axis < 0 ? attrs.axis + out.length : attrs.axis;
    const shape = out.map((extent, dim) => (dim === axis ? extent : 1));
    const [x, bias] = inputs.map((input) => input!.values) as [number, number];
    return join('add_planes', [out, shape], out, x, bias, output.values);
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
  launch: ({ inputs, output, scratch }) => {
    const [x, alpha] = [inputs[0]!, inputs[1]!];
    const [shape, n, y] = [output.operand.shape, output.operand.stored, output.values];
    const runs = broadcastRuns(shape, alpha.operand.shape, shape);
    const [group, ...others] = rowGroups(runs, true);
    if (group && others.length === 0 && group.step[1] === 1 && !runs.steps[1]) {
      // Planes of one slope each, side by side in memory, take one call for all.
      const args = [runs.n, x.values, alpha.values, y];
      return [{ name: 'prelu', units: group.rows, args, work: n * moved }];
    }
    return [
      flat('clamp', n, [x.values, -Infinity, 0, scratch]),
      ...join('mul_planes', [shape, alpha.operand.shape], shape, scratch, alpha.values, scratch),
      flat('clamp', n, [x.values, 0, Infinity, y]),
      ...planesOf('add_planes', { rows: 1, n, a: y, b: scratch, ldb: 0, each: 1, y }),
    ];
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
