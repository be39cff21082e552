// Parts of values: boxes, splits, and single places along an axis.
import { int } from '../attributes.js';
import { corrupt } from '../../corrupt.js';
import type { Importer } from '../importer.js';
import type { ModelNode } from '../model.js';
import type { Value } from '../value.js';
import { box, join, regroup } from './cut.js';
import { foldShapes } from './fold-shape.js';
import { stridedSlice } from './fold-slice.js';
import { taken } from './gather.js';
import { axisIn, type Emit, type Rules } from './rule.js';
import { stridesOfNode } from './strides.js';

/** Steps of 1 are a box; others are looked up in it. */
const strided: Emit = (node, importer) => {
  const { name } = node;
  const value = importer.input(node, 0);
  const lists = [1, 2, 3].map((at) => importer.numbers(node, at));
  const places = stridesOfNode(node, value.shape, lists);
  const [begin, size] = [value.shape.map(() => 0), [...value.shape]];
  let found = value;
  for (const { dim, first, step, extent } of places) {
    if (dim === undefined) continue;
    const isBox = step === 1 || extent <= 1;
    if (!isBox) {
      const at = Array.from({ length: extent }, (_, i) => first + i * step);
      found = taken(importer, found, dim, at, `${name}/${dim}`);
    }
    begin[dim] = isBox ? first : 0;
    size[dim] = extent;
  }
  const shape = places.filter(({ shrinks }) => !shrinks).map(({ extent }) => extent);
  const boxName = shape.join() === size.join() ? name : `${name}/box`;
  return regroup(importer, box(importer, found, begin, size, boxName), shape, name);
};

const sliced: Emit = (node, importer) => {
  const value = importer.input(node, 0);
  const [begin, sizes] = [importer.numbers(node, 1), importer.numbers(node, 2)];
  const size = value.shape.map((extent, dim) =>
    sizes[dim] === -1 ? extent - (begin[dim] ?? 0) : (sizes[dim] ?? 0),
  );
  return box(importer, value, begin, size, node.name);
};

/** The name of one output of a node. */
const part = (node: ModelNode, at: number): string => (at === 0 ? node.name : `${node.name}:${at}`);

/** Boxes one after another along an axis. */
function parts(
  node: ModelNode,
  importer: Importer,
  value: Value,
  axis: number,
  sizes: readonly number[],
): readonly Value[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== value.shape[axis] || sizes.some((size) => !Number.isInteger(size) || size < 0))
    throw corrupt(
      `node "${node.name}"`,
      `splits axis ${axis} of [${value.shape.join(', ')}] into ${sizes.join(' + ')}`,
    );
  let from = 0;
  return sizes.map((size, at) => {
    const begin = value.shape.map((_, dim) => (dim === axis ? from : 0));
    from += size;
    return box(importer, value, begin, value.shape.with(axis, size), part(node, at));
  });
}

const split: Emit = (node, importer) => {
  const value = importer.input(node, 1);
  const axis = axisIn(node, importer.numbers(node, 0)[0] ?? 0, value.shape.length);
  const [extent, count] = [value.shape[axis] ?? 0, int(node, 'num_split', 1)];
  if (count < 1 || count > extent)
    throw corrupt(`node "${node.name}"`, `splits ${extent} places into ${count}`);
  return parts(node, importer, value, axis, Array<number>(count).fill(extent / count));
};

const splitSizes: Emit = (node, importer) => {
  const value = importer.input(node, 0);
  const axis = axisIn(node, importer.numbers(node, 2)[0] ?? 0, value.shape.length);
  const sizes = importer.numbers(node, 1);
  const known = sizes.reduce((sum, size) => (size === -1 ? sum : sum + size), 0);
  const rest = (value.shape[axis] ?? 0) - known;
  const full = sizes.map((size) => (size === -1 ? rest : size));
  return parts(node, importer, value, axis, full);
};

const packed: Emit = (node, importer) => {
  const values = node.inputs.map((_, at) => importer.input(node, at));
  const rank = (values[0]?.shape.length ?? 0) + 1;
  const axis = axisIn(node, int(node, 'axis', 0), rank);
  const raised = values.map((value, at) =>
    regroup(importer, value, value.shape.toSpliced(axis, 0, 1), `${node.name}/${at}`),
  );
  return join(importer, raised, axis, node.name);
};

const unpacked: Emit = (node, importer) => {
  const value = importer.input(node, 0);
  const axis = axisIn(node, int(node, 'axis', 0), value.shape.length);
  const size = value.shape.with(axis, 1);
  return Array.from({ length: value.shape[axis] ?? 0 }, (_, at) => {
    const begin = value.shape.map((_, dim) => (dim === axis ? at : 0));
    const one = box(importer, value, begin, size, `${part(node, at)}/box`);
    return regroup(importer, one, value.shape.toSpliced(axis, 1), part(node, at));
  });
};

export const slices: Rules = {
  StridedSlice: { emit: strided, constants: [1, 2, 3], fold: stridedSlice },
  Slice: { emit: sliced, constants: [1, 2], fold: foldShapes.slice },
  Split: { emit: split, constants: [0] },
  SplitV: { emit: splitSizes, constants: [1, 2] },
  Pack: { emit: packed, fold: foldShapes.pack },
  Unpack: { emit: unpacked, fold: foldShapes.unpack },
};
