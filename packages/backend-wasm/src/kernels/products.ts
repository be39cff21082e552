// matmul and linear for every family. In matmul, positions are the columns of b; in linear they are the rows
// of x, packed as they are read, and y is turned back at the end.
//
//   matmul   Y[M, N] = act(A·B + bias)           linear   y[N, M] = act(W·xᵀ + bias)ᵀ
import { dense, sizeOf, type Layout, type OperandType, type Signature } from '@lacuna/ir';
import { linear, matmul, type LinearAttrs, type MatmulAttrs } from '@lacuna/ops';
import {
  wasmKernel,
  type Stage,
  type WasmCall,
  type WasmKernel,
  type WasmOperand,
} from '../kernel.js';
import { sides, type Family, type Right } from './family.js';
import { activationCode, moved, positions, type Positions } from './positions.js';

/** The kernels of one family. */
export function products(family: Family): readonly WasmKernel[] {
  return family.turned ? [matmulOf(family)] : [matmulOf(family), linearOf(family)];
}

/** Sizes of a product, and how its right-hand side lies. */
interface Problem {
  readonly w: OperandType;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly lie: Positions;
  readonly vector: boolean;
}

function problem(family: Family, w: OperandType, n: number, transposed: boolean): Problem {
  const [m, k] = sides(w, family.turned);
  const vector = n === 1 && family.bindVector !== undefined && (family.vector?.(w) ?? true);
  const lie = vector
    ? direct(k, n)
    : (family.lie?.(k, n, transposed) ??
      positions({
        k,
        n,
        transposed,
        panel: family.panel(w, n),
        packed: family.packed?.(w, n) ?? false,
        rows: family.rows?.(w) ?? k,
      }));
  return { w, m, k, n, lie, vector };
}

/** One position is contiguous however it is written. */
const direct = (k: number, n: number): Positions => ({
  floats: 0,
  rows: k,
  arguments: (x) => [x, n, n, 0],
  pack: () => [],
});

const float = 4;
const ownScratch = (family: Family, w: OperandType, n: number): number =>
  (family.scratch?.(w, n) ?? 0) * float;

function seconds(
  { w, m, k, n, lie }: Problem,
  family: Family,
  moved: number,
  { flops, bandwidth, launch }: { flops: number; bandwidth: number; launch: number },
): number {
  const each = n / family.share(w, n) + (family.entry?.(w, n) ?? 0);
  const arithmetic = (2 * w.stored * each) / flops;
  return (
    arithmetic + ((lie.floats * 2 + moved + m * n + w.stored + k) * float) / bandwidth + launch
  );
}

function matmulOf(family: Family): WasmKernel {
  const of = ({ inputs: [a, b], attrs }: Pick<Signature, 'inputs' | 'attrs'>): Problem => {
    const { transposeB } = attrs as MatmulAttrs;
    return problem(family, a!, transposeB ? b!.shape[0]! : b!.shape[1]!, transposeB);
  };
  const takes: readonly Layout[] = [family.layout, dense];
  return wasmKernel<MatmulAttrs>({
    name: `${family.name}-matmul`,
    op: matmul,
    takes,
    gives: dense,
    ...(family.index && { index: [0] }),
    ...(family.prepare && { prepare: { 0: family.prepare } }),
    ...(family.derive && { derive: { 0: family.derive } }),
    when: ({ inputs, attrs, output }) =>
      (attrs as MatmulAttrs).transposeA === (family.turned ?? false) &&
      isFloat(inputs, output) &&
      family.takes(inputs[0]!),
    cost: (signature, rates) => seconds(of(signature), family, 0, rates),
    scratch: (signature) => {
      const { lie, w, n } = of(signature);
      return lie.floats * float + ownScratch(family, w, n);
    },
    launch: (call) => {
      const [a, b, bias] = call.inputs;
      const p = of({ inputs: call.inputs.map((x) => x?.operand), attrs: call.attrs });
      return run(
        family,
        call,
        p,
        a!,
        b!.values,
        bias?.values ?? 0,
        call.attrs.activation,
        call.output.values,
        call.scratch,
      );
    },
  });
}

function linearOf(family: Family): WasmKernel {
  const of = ([x, w]: Signature['inputs']): Problem =>
    problem(family, w!, sizeOf(x!.shape.slice(0, -1)), true);
  return wasmKernel<LinearAttrs>({
    name: `${family.name}-linear`,
    op: linear,
    takes: [dense, family.layout],
    gives: dense,
    ...(family.index && { index: [1] }),
    ...(family.prepare && { prepare: { 1: family.prepare } }),
    ...(family.derive && { derive: { 1: family.derive } }),
    when: ({ inputs, output }) => isFloat(inputs, output) && family.takes(inputs[1]!),
    cost: ({ inputs, output }, rates) => seconds(of(inputs), family, 2 * output.stored, rates),
    scratch: ({ inputs, output }) => {
      const { lie, w, n } = of(inputs);
      return (lie.floats + output.stored) * float + ownScratch(family, w, n);
    },
    launch: (call) => {
      const [x, w, bias] = call.inputs;
      const { output, scratch } = call;
      const p = of(call.inputs.map((input) => input?.operand));
      if (p.n === 1)
        return run(
          family,
          call,
          p,
          w!,
          x!.values,
          bias?.values ?? 0,
          call.attrs.activation,
          output.values,
          scratch,
        );
      const turned = scratch; // Y [M, N], before it is turned into y [N, M]
      const product = run(
        family,
        call,
        p,
        w!,
        x!.values,
        bias?.values ?? 0,
        call.attrs.activation,
        turned,
        scratch + output.operand.stored * float,
      );
      const args = [p.m, turned, p.n, output.values, p.m];
      const work = p.n * p.m * moved;
      return [...product, { name: 'transpose_2d', units: p.n, args, work, grain: 4 }];
    },
  });
}

function run(
  family: Family,
  { exports }: WasmCall,
  p: Problem,
  w: WasmOperand,
  x: number,
  bias: number,
  activation: keyof typeof activationCode,
  y: number,
  scratch: number,
): readonly Stage[] {
  const panels = scratch;
  const right: Right = {
    x: p.lie.arguments(x, panels),
    n: p.n,
    k: p.lie.rows,
    bias,
    act: activationCode[activation],
    y,
    scratch: scratch + p.lie.floats * float,
  };
  const product = (p.vector ? family.bindVector! : family.bind)(exports, w, right);
  const work = (w.operand.stored * p.n) / family.share(w.operand, p.n);
  return [...p.lie.pack(x, panels), ...(family.before?.(w, right) ?? []), { ...product, work }];
}

/** Whether all that a product reads and writes is float32. */
export function isFloat(inputs: Signature['inputs'], output: OperandType): boolean {
  return [...inputs, output].every((type) => type === undefined || type.dtype === 'float32');
}
