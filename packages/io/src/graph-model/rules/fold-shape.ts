// Folding of ops that move or regroup numbers.
import { sizeOf, stridesOf } from '@lacuna/ir';
import { int, ints } from '../attributes.js';
import type { ModelNode } from '../model.js';
import { permute, transposeData, type Folded } from '../value.js';
import { axisIn, folded, isWhole, type Fold } from './rule.js';

/** The same numbers under another shape; −1 is what is left. */
function under({ name }: ModelNode, x: Folded, shape: readonly number[]): Folded {
  const known = sizeOf(shape.filter((extent) => extent !== -1));
  const full = shape.map((extent) => (extent === -1 ? x.data.length / known : extent));
  if (sizeOf(full) !== x.data.length) return folded(name, [-1], true, () => 0);
  return { ...x, name, shape: full };
}

function concat(node: ModelNode, parts: readonly Folded[], given: number): Folded {
  const first = parts[0]?.shape ?? [];
  const axis = axisIn(node, given, first.length);
  const extent = parts.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
  const shape = first.with(axis, extent);
  const inner = sizeOf(first.slice(axis + 1));
  const row = extent * inner;
  const starts = parts.map((_, p) =>
    parts.slice(0, p).reduce((n, { shape: s }) => n + (s[axis] ?? 0) * inner, 0),
  );
  return folded(node.name, shape, isWhole(parts[0]), (at) => {
    const [outer, within] = [Math.floor(at / row), at % row];
    const p = starts.findLastIndex((start) => start <= within);
    const part = parts[p];
    const width = (part?.shape[axis] ?? 0) * inner;
    return part?.data[outer * width + within - (starts[p] ?? 0)] ?? 0;
  });
}

const none: Folded = { kind: 'folded', name: '', shape: [0], data: new Int32Array() };

const transposeFold: Fold = (node, [x = none, by = none]) => {
  const permutation = Array.from(by.data, (axis) => axisIn(node, axis, x.shape.length));
  const shape = permute(x.shape, permutation);
  return {
    kind: 'folded',
    name: node.name,
    shape,
    data: transposeData(x.data, x.shape, permutation),
  };
};

export const foldShapes = {
  transpose: transposeFold,
  reshape: ((node, [x = none, shape = none]) => under(node, x, Array.from(shape.data))) as Fold,
  concatLast: ((node, inputs) =>
    concat(node, inputs.slice(0, -1), inputs.at(-1)?.data[0] ?? 0)) as Fold,
  concatFirst: ((node, inputs) => concat(node, inputs.slice(1), inputs[0]?.data[0] ?? 0)) as Fold,
  squeeze: ((node, [x = none]) => {
    const drop = ints(node, 'squeeze_dims').map((axis) => axisIn(node, axis, x.shape.length));
    return under(
      node,
      x,
      x.shape.filter((e, dim) => (drop.length > 0 ? !drop.includes(dim) : e !== 1)),
    );
  }) as Fold,
  expandDims: ((node, [x = none, at = none]) => {
    const axis = axisIn(node, at.data[0] ?? 0, x.shape.length + 1);
    return under(node, x, x.shape.toSpliced(axis, 0, 1));
  }) as Fold,
  /** Pack: values of one shape along a new axis. */
  pack: ((node, inputs) => {
    const axis = axisIn(node, int(node, 'axis', 0), (inputs[0]?.shape.length ?? 0) + 1);
    const parts = inputs.map((x) => ({ ...x, shape: x.shape.toSpliced(axis, 0, 1) }));
    return concat(node, parts, axis);
  }) as Fold,
  /** Unpack: one value for each place along an axis. */
  unpack: ((node, [x = none]) => {
    const axis = axisIn(node, int(node, 'axis', 0), x.shape.length);
    const shape = x.shape.toSpliced(axis, 1);
    const inner = sizeOf(x.shape.slice(axis + 1));
    const extent = x.shape[axis] ?? 0;
    return Array.from({ length: extent }, (_, part) =>
      folded(`${node.name}:${part}`, shape, isWhole(x), (at) => {
        const outer = Math.floor(at / inner);
        return x.data[(outer * extent + part) * inner + (at % inner)] ?? 0;
      }),
    );
  }) as Fold,
  /** Gather: slices of x along an axis, at the places that the second input names. */
  gather: ((node, [x = none, places = none, along]) => {
    const axis = axisIn(node, along?.data[0] ?? 0, x.shape.length);
    const shape = x.shape.toSpliced(axis, 1, ...places.shape);
    const [inner, extent] = [sizeOf(x.shape.slice(axis + 1)), x.shape[axis] ?? 0];
    const count = places.data.length;
    return folded(node.name, shape, isWhole(x), (at) => {
      const [outer, within] = [Math.floor(at / (count * inner)), at % (count * inner)];
      const place = places.data[Math.floor(within / inner)] ?? 0;
      return x.data[(outer * extent + place) * inner + (within % inner)] ?? 0;
    });
  }) as Fold,
  /** Slice: a box of x. */
  slice: ((node, [x = none, begin = none, size = none]) => {
    const shape = x.shape.map((extent, dim) => {
      const wanted = size.data[dim] ?? -1;
      return wanted === -1 ? extent - (begin.data[dim] ?? 0) : wanted;
    });
    const [from, to] = [stridesOf(x.shape), stridesOf(shape)];
    return folded(node.name, shape, isWhole(x), (at) => {
      let flat = 0;
      shape.forEach((extent, dim) => {
        flat += ((Math.floor(at / to[dim]!) % extent) + (begin.data[dim] ?? 0)) * from[dim]!;
      });
      return x.data[flat] ?? 0;
    });
  }) as Fold,
} as const;
