// Ops on each number: two operands stretched to one shape, or one operand through a function.
import { dense, sizeOf, type Op, type Shape, type Signature } from '@lacuna/ir';
import {
  add,
  biasAdd,
  multiply,
  prelu,
  relu,
  relu6,
  sigmoid,
  type BiasAddAttrs,
} from '@lacuna/ops';
import { wasmKernel, type Exports, type WasmKernel } from '../kernel.js';
import { broadcastRuns, type Runs } from './broadcast.js';

const float = 4;
const isFloat = ({ inputs, output }: Signature): boolean =>
  [...inputs, output].every((t) => t === undefined || t.dtype === 'float32');

/** y = a ∘ b over runs; `planes` is a commutative export of the module. */
function pair(
  exports: Exports,
  planes: string,
  { n, steps, offsets }: Runs,
  a: number,
  b: number,
  y: number,
): () => void {
  const run = exports[planes]!;
  const flip = !steps[0] && steps[1]; // the first operand of a call must step
  const [p, q] = flip ? [b, a] : [a, b];
  const each = steps[0] && steps[1] ? 1 : 0;
  const calls = offsets.map(
    ([x, z, w]) => [p + (flip ? z : x) * float, q + (flip ? x : z) * float, y + w * float] as const,
  );
  const long = steps[0] || steps[1] ? n : 1;
  return () => {
    for (const [x, z, w] of calls) run(0, 1, long, x, z, 0, each, 0, w);
  };
}

/** Planes of one number each, side by side in memory, take one call for all. */
function rowsOf({ n, steps, offsets }: Runs, b: Shape): number {
  return steps[0] &&
    !steps[1] &&
    offsets.length > 1 &&
    sizeOf(b) === offsets.length &&
    offsets.every(([x, z, y], at) => x === y && z === at)
    ? n
    : 0;
}

function join(
  exports: Exports,
  planes: string,
  shapes: readonly [Shape, Shape],
  out: Shape,
  a: number,
  b: number,
  y: number,
): () => void {
  const runs = broadcastRuns(shapes[0], shapes[1], out);
  if (sizeOf(out) === 0) return () => {};
  const n = rowsOf(runs, shapes[1]);
  if (n === 0) return pair(exports, planes, runs, a, b, y);
  const rows = runs.offsets.length;
  return () => exports[planes]!(0, rows, n, a, b, 1, 0, 0, y);
}

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

function unary(op: Op): WasmKernel {
  return wasmKernel({
    name: op.opName,
    op,
    takes: [],
    gives: dense,
    when: isFloat,
    exact: true,
    launch: ({ exports, inputs, output }) => {
      const [run, n, x, y] = [
        exports[op.opName]!,
        output.operand.stored,
        inputs[0]!.values,
        output.values,
      ];
      return () => run(0, n, x, y);
    },
  });
}

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
    const planes = rowsOf(runs, alpha.operand.shape);
    if (planes > 0) {
      const rows = runs.offsets.length;
      return () => exports['prelu']!(0, rows, planes, x.values, alpha.values, y);
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

/** add, multiply, biasAdd, relu, relu6, sigmoid, prelu. */
export const pointwiseKernels: readonly WasmKernel[] = [
  binary(add, 'add_planes'),
  binary(multiply, 'mul_planes'),
  biasAddKernel,
  unary(relu),
  unary(relu6),
  unary(sigmoid),
  preluKernel,
];
