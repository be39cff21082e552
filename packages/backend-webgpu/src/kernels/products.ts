// matmul and linear for every family. In matmul, positions are the columns of b; in linear they are the rows
// of x, turned as they are packed, and y is written the other way round.
//
//   matmul   Y[M, N] = act(A·B + bias)           linear   y[N, M] = act(W·xᵀ + bias)ᵀ
import {
  byteWidth,
  sizeOf,
  dense,
  denseFormat,
  isDense,
  type OperandType,
  type Rates,
  type Signature,
} from '@lacuna/ir';
import { linear, matmul, type Activation, type LinearAttrs, type MatmulAttrs } from '@lacuna/ops';
import {
  partOf,
  webgpuKernel,
  type Binding,
  type Dispatch,
  type WebgpuCall,
  type WebgpuKernel,
  type WebgpuOperand,
} from '../kernel.js';
import { takesAlong } from './ending.js';
import type { Family } from './family.js';
import { pack, type Lie } from './move2d.js';
import { inPieces, product, type Right } from './product.js';
import { rangesOf } from './ranges.js';
import { isUneven, partBytes, type Counts } from './uneven.js';
import { isRead, valueBytes } from './values.js';

/** The kernels of one family. */
export function products(family: Family): readonly WebgpuKernel[] {
  return family.turned ? [matmulOf(family)] : [matmulOf(family), linearOf(family)];
}

const float = 4;
const whole = (n: number): number => Math.ceil(n / 4) * 4;
/** Parts of scratch memory start where bindings may. */
const apart = (bytes: number): number => Math.ceil(bytes / 256) * 256;

/** Sizes of a product. */
interface Problem {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** W is written `[K, M]`. */
  readonly turnedW: boolean;
  /** x is written `[N, K]`. */
  readonly turnedX: boolean;
  /** x has numbers of 16 bits. */
  readonly halfX: boolean;
  /** y is wanted `[N, M]`. */
  readonly turnedY: boolean;
}

/** Bytes of scratch: packed W, packed x. Both are only read by the product: a kernel may not also write there. */
function spaces({ m, k, n, turnedW, turnedX, halfX }: Problem): readonly [number, number] {
  const packs = halfX || (n > 1 && (turnedX || n % 4 !== 0));
  return [
    turnedW ? apart(m * whole(k) * float) : 0,
    packs ? apart((n > 1 ? k * whole(n) : whole(k)) * float) : 0,
  ];
}

const total = (p: Problem): number => spaces(p).reduce((a, b) => a + b, 0);

/** How the rows of W are cut, where they are so far from alike that the longest would be waited for. */
function cut({ uneven }: Family, { pattern, varies }: OperandType): Counts | undefined {
  if (!uneven || !pattern || varies) return undefined;
  const counts = uneven.counts(pattern);
  return isUneven(counts) ? counts : undefined;
}

/** Bytes of scratch with the parts of rows that are cut: the most, where the pattern is not known yet. */
function scratchOf(family: Family, w: OperandType, problem: Problem): number {
  const { m, n } = problem;
  const counts = cut(family, w);
  // Half as long at most are the pieces of fewer entries, or for fewer positions.
  if (counts) return total(problem) + 2 * partBytes(counts, n);
  if (!family.uneven || w.pattern) return total(problem);
  return total(problem) + 2 * partBytes({ longest: w.stored, rows: m, stored: w.stored }, n);
}

function seconds(family: Family, w: OperandType, p: Problem, rates: Rates): number {
  const beside = family.beside?.(w) ?? 0;
  const moved = total(p) * 2 + beside + valueBytes(w) + (p.k + p.m) * p.n * float;
  const launches = 1 + spaces(p).filter((bytes) => bytes > 0).length;
  return (
    (2 * w.stored * p.n) / (rates.flops * family.share(w, p.n)) +
    moved / rates.bandwidth +
    launches * rates.launch
  );
}

/** W and x are read as they are stored; the bias is a vector, and has no kernels of its own. */
function isFloat({ inputs: [a, b, bias], output }: Signature): boolean {
  return isRead(a!) && isRead(b!) && [bias, output].every((t) => !t || t.dtype === 'float32');
}

function matmulOf(family: Family): WebgpuKernel {
  const of = ({ inputs: [a, b], attrs }: Pick<Signature, 'inputs' | 'attrs'>): Problem => {
    const { transposeA, transposeB } = attrs as MatmulAttrs;
    const [rows, columns] = a!.shape as [number, number];
    return {
      m: transposeA ? columns : rows,
      k: transposeA ? rows : columns,
      n: b!.shape[transposeB ? 0 : 1]!,
      turnedW: transposeA && isDense(a!.format),
      turnedX: transposeB,
      halfX: b!.dtype !== 'float32',
      turnedY: false,
    };
  };
  return webgpuKernel<MatmulAttrs>({
    name: `${family.name}-matmul`,
    op: matmul,
    takes: [family.layout, dense],
    gives: dense,
    inline: true,
    epilogue: takesAlong,
    codecs: [0],
    ...(family.varying && { varying: true }),
    ...(family.derive && { derive: { 0: family.derive } }),
    when: (signature) =>
      isFloat(signature) &&
      family.takes(signature.inputs[0]!) &&
      (isDense(signature.inputs[0]!.format) ||
        (signature.attrs as MatmulAttrs).transposeA === (family.turned ?? false)),
    cost: (signature, rates) => seconds(family, signature.inputs[0]!, of(signature), rates),
    scratch: (signature) => scratchOf(family, signature.inputs[0]!, of(signature)),
    launch: (call) => {
      const [a, b, bias] = call.inputs;
      const problem = of({ inputs: call.inputs.map((x) => x?.operand), attrs: call.attrs });
      return run(family, call, problem, a!, b!, bias, call.attrs.activation);
    },
  });
}

function linearOf(family: Family): WebgpuKernel {
  const of = ([x, w]: Signature['inputs']): Problem => ({
    m: w!.shape[0]!,
    k: w!.shape[1]!,
    n: sizeOf(x!.shape.slice(0, -1)),
    turnedW: false,
    turnedX: true,
    halfX: x!.dtype !== 'float32',
    turnedY: true,
  });
  return webgpuKernel<LinearAttrs>({
    name: `${family.name}-linear`,
    op: linear,
    takes: [dense, family.layout],
    gives: dense,
    inline: true,
    epilogue: takesAlong,
    codecs: [1],
    ...(family.varying && { varying: true }),
    ...(family.derive && { derive: { 1: family.derive } }),
    when: (signature) => isFloat(signature) && family.takes(signature.inputs[1]!),
    cost: ({ inputs }, rates) => seconds(family, inputs[1]!, of(inputs), rates),
    scratch: ({ inputs }) => scratchOf(family, inputs[1]!, of(inputs)),
    launch: (call) => {
      const [x, w, bias] = call.inputs;
      const problem = of(call.inputs.map((input) => input?.operand));
      return run(family, call, problem, w!, x!, bias, call.attrs.activation);
    },
  });
}

/** Positions are rows of x and of y where y is turned: as many at once as may be bound. */
function run(
  family: Family,
  call: WebgpuCall,
  problem: Problem,
  w: WebgpuOperand,
  x: WebgpuOperand,
  bias: WebgpuOperand | undefined,
  activation: Activation,
): readonly Dispatch[] {
  const { m, k, n, turnedY } = problem;
  const { output, most } = call;
  const [rowX, rowY] = [k * byteWidth(x.operand.dtype), m * float];
  const ranges = turnedY ? rangesOf(n, [rowX, k * float, rowY], most) : [];
  if (ranges.length < 2) return runAll(family, call, problem, w, x, bias, activation);
  return ranges.flatMap(([from, to]) => {
    const rows = (operand: WebgpuOperand, row: number): WebgpuOperand => ({
      ...operand,
      values: partOf(operand.values, from * row, (to - from) * row),
    });
    const part = { ...call, output: rows(output, rowY) };
    return runAll(family, part, { ...problem, n: to - from }, w, rows(x, rowX), bias, activation);
  });
}

function runAll(
  family: Family,
  { output, scratch, tuning, most }: WebgpuCall,
  problem: Problem,
  w: WebgpuOperand,
  x: WebgpuOperand,
  bias: WebgpuOperand | undefined,
  activation: Activation,
): readonly Dispatch[] {
  const { m, k, n, turnedW, turnedX, turnedY } = problem;
  const [spaceW, spaceX] = spaces(problem);
  const before: Dispatch[] = [];

  let type: OperandType = family.turned ? { ...w.operand, shape: [m, k] } : w.operand;
  let left = family.bind(w, n, tuning);
  if (turnedW) {
    const packed = scratch(0, m * whole(k) * float);
    if (k > 0)
      before.push(pack({ rows: m, columns: k, down: 1, right: m }, w.operand, w.values, packed));
    // Rows are whole vectors; the product still ends at K, since x does.
    type = {
      format: denseFormat,
      shape: [m, whole(k)],
      dtype: 'float32',
      stored: m * whole(k),
      constant: false,
    };
    left = { ...left, buffers: [packed] };
  }
  let right: Binding = x.values;
  if (spaceX > 0) {
    right = scratch(spaceW, (n > 1 ? k * whole(n) : whole(k)) * float);
    const lie: Lie =
      n === 1
        ? { rows: 1, columns: k, down: k, right: 1 }
        : turnedX
          ? { rows: k, columns: n, down: 1, right: k }
          : { rows: k, columns: n, down: n, right: 1 };
    if (k > 0) before.push(pack(lie, x.operand, x.values, right));
  }
  const lies = turnedY ? 'turned' : n % 4 === 0 ? 'whole' : 'single';
  const ends = { k, n, x: right, bias: bias?.values, activation, y: output.values, lies } as const;
  const counts = cut(family, w.operand);
  if (!counts) return [...before, ...byRows(family, type, left, { ...ends, tuning }, most)];
  const parts = scratch(spaceW + spaceX, partBytes(counts, n));
  return [...before, ...inPieces({ ...ends, family, type, left, counts, parts })];
}

/** A product whose dense W or y is larger than a binding, by ranges of rows; any other at once. */
function byRows(
  family: Family,
  type: OperandType,
  left: ReturnType<Family['bind']>,
  right: Right,
  most: number,
): readonly Dispatch[] {
  const [m, columns] = type.shape as [number, number];
  const { n, y, bias, lies } = right;
  const [rowW, rowY] = [columns * byteWidth(type.dtype), lies === 'turned' ? float : n * float];
  const [w] = left.buffers;
  const cuts = isDense(type.format) && !type.format.codec && w;
  const ranges = cuts ? rangesOf(m, [rowW, rowY, float], most) : [];
  if (!cuts || ranges.length < 2) return [product(family, type, left, right)];
  return ranges.map(([from, to]) => {
    const count = to - from;
    const part = { ...type, shape: [count, columns], stored: count * columns };
    const buffers = [partOf(w, from * rowW, count * rowW)];
    return product(
      family,
      part,
      { ...left, buffers },
      {
        ...right,
        rows: m,
        bias: bias && partOf(bias, from * float, count * float),
        y: lies === 'turned' ? partOf(y, from * float) : partOf(y, from * rowY, count * rowY),
      },
    );
  });
}
