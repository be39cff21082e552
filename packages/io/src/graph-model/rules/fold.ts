// Folding of arithmetic: shapes that the file computes at each run are known when it is read.
import { sizeOf, stridesOf } from '@lacuna/ir';
import { bool, floats, type } from '../attributes.js';
import { sparseToDense } from './fold-scatter.js';
import { axisIn, folded, isWhole, type Fold, type Rules } from './rule.js';

/** A function of numbers that stretch to each other. */
function map(f: (...numbers: number[]) => number, wholeIf?: boolean): Fold {
  return (node, inputs) => {
    const rank = Math.max(...inputs.map(({ shape }) => shape.length));
    const padded = inputs.map(({ shape }) => [
      ...Array<number>(rank - shape.length).fill(1),
      ...shape,
    ]);
    const shape = Array.from({ length: rank }, (_, dim) => {
      const extents = padded.map((s) => s[dim] ?? 1);
      return extents.includes(0) ? 0 : Math.max(...extents);
    });
    const to = stridesOf(shape);
    const from = padded.map((s) => stridesOf(s).map((stride, dim) => (s[dim] === 1 ? 0 : stride)));
    const whole = wholeIf ?? inputs.every(isWhole);
    return folded(node.name, shape, whole, (at) =>
      f(
        ...inputs.map(({ data }, i) => {
          let flat = 0;
          shape.forEach(
            (extent, dim) => (flat += (Math.floor(at / to[dim]!) % extent) * from[i]![dim]!),
          );
          return data[flat] ?? 0;
        }),
      ),
    );
  };
}

/** A function of all numbers along some axes. */
function reduce(start: number, f: (sum: number, x: number) => number): Fold {
  return (node, [x, axes]) => {
    if (!x) return [];
    const over = new Set(
      Array.from(axes?.data ?? [], (axis) => axisIn(node, axis, x.shape.length)),
    );
    const kept = x.shape.map((extent, dim) => (over.has(dim) ? 1 : extent));
    const sums = new Float64Array(sizeOf(kept)).fill(start);
    const [from, to] = [stridesOf(x.shape), stridesOf(kept)];
    x.data.forEach((value, at) => {
      let flat = 0;
      x.shape.forEach((extent, dim) => {
        if (!over.has(dim)) flat += (Math.floor(at / from[dim]!) % extent) * to[dim]!;
      });
      sums[flat] = f(sums[flat]!, value);
    });
    const shape = bool(node, 'keep_dims') ? kept : kept.filter((_, dim) => !over.has(dim));
    return folded(node.name, shape, isWhole(x), (at) => sums[at] ?? 0);
  };
}

const sum: Fold = map((...numbers) => numbers.reduce((a, b) => a + b, 0));
const truth = (f: (a: number, b: number) => boolean): Fold =>
  map((a, b) => Number(f(a ?? 0, b ?? 0)), true);

/** Arithmetic whose ops also have a rule for values of each run. */
export const arithmetic: Readonly<Record<string, Fold>> = {
  Add: sum,
  AddV2: sum,
  AddN: sum,
  BiasAdd: sum,
  Sub: map((a = 0, b = 0) => a - b),
  Mul: map((a = 0, b = 0) => a * b),
  RealDiv: map((a = 0, b = 0) => a / b),
  Div: map((a = 0, b = 0) => a / b),
  Maximum: map((a = 0, b = 0) => Math.max(a, b)),
  Minimum: map((a = 0, b = 0) => Math.min(a, b)),
  Neg: map((x = 0) => -x),
  Square: map((x = 0) => x * x),
  Abs: map((x = 0) => Math.abs(x)),
  Relu: map((x = 0) => Math.max(x, 0)),
  Tanh: map((x = 0) => Math.tanh(x)),
  Sqrt: map((x = 0) => Math.sqrt(x)),
  Rsqrt: map((x = 0) => 1 / Math.sqrt(x)),
  Reciprocal: map((x = 0) => 1 / x),
  Exp: map((x = 0) => Math.exp(x)),
  Log: map((x = 0) => Math.log(x)),
  SquaredDifference: map((a = 0, b = 0) => (a - b) ** 2),
  Sum: reduce(0, (a, b) => a + b),
  Max: reduce(-Infinity, Math.max),
  Min: reduce(Infinity, Math.min),
  Cast: (node, [x]) => {
    const whole = !floats.has(type(node, 'DstT'));
    return folded(node.name, x?.shape ?? [], whole, (at) => {
      const number = x?.data[at] ?? 0;
      return whole ? Math.trunc(number) : number;
    });
  },
};

/** Ops that are only ever folded. */
export const foldedOnly: Rules = {
  Shape: {
    shapeOnly: true,
    fold: (node, [x]) => folded(node.name, [x?.shape.length ?? 0], true, (at) => x?.shape[at] ?? 0),
  },
  Size: {
    shapeOnly: true,
    fold: (node, [x]) => folded(node.name, [], true, () => sizeOf(x?.shape ?? [])),
  },
  Rank: {
    shapeOnly: true,
    fold: (node, [x]) => folded(node.name, [], true, () => x?.shape.length ?? 0),
  },
  FloorDiv: { fold: map((a = 0, b = 0) => Math.floor(a / b)) },
  FloorMod: { fold: map((a = 0, b = 0) => a - b * Math.floor(a / b)) },
  Floor: { fold: map((x = 0) => Math.floor(x)) },
  Ceil: { fold: map((x = 0) => Math.ceil(x)) },
  Equal: { fold: truth((a, b) => a === b) },
  Less: { fold: truth((a, b) => a < b) },
  Greater: { fold: truth((a, b) => a > b) },
  GreaterEqual: { fold: truth((a, b) => a >= b) },
  Prod: { fold: reduce(1, (a, b) => a * b) },
  SparseToDense: { fold: sparseToDense },
  Fill: {
    fold: (node, [shape, x]) =>
      folded(node.name, Array.from(shape?.data ?? []), isWhole(x), () => x?.data[0] ?? 0),
  },
  Range: {
    fold(node, [start, limit, delta]) {
      const [from = 0, to = 0, step = 1] = [start, limit, delta].map((x) => x?.data[0]);
      const count = Math.max(0, Math.ceil((to - from) / step));
      return folded(node.name, [count], isWhole(start), (at) => from + at * step);
    },
  },
};
