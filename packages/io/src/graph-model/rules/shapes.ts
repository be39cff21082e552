// Ops that move or regroup elements. Axes are the file's; in planes they become ours. A reshape wants the
// file's order of elements: where planes have another, they are transposed back first.
import { pad, transpose } from '@lacuna/ops';
import { ints } from '../attributes.js';
import { unsupported, type Importer } from '../importer.js';
import type { ModelNode } from '../model.js';
import { permute, planeAxis, toPlanes, type Value } from '../value.js';
import { join, regroup } from './cut.js';
import { foldShapes } from './fold-shape.js';
import { operands } from './operands.js';
import { axisIn, type Emit, type Rules } from './rule.js';

/** Input 0 under another shape. */
const reshaped = (node: ModelNode, importer: Importer, shape: readonly number[]): Value =>
  regroup(importer, importer.input(node, 0), shape, node.name);

function joined(axisAt: (inputs: number) => number): Emit {
  return (node, importer) => {
    const at = axisAt(node.inputs.length);
    const values = node.inputs.flatMap((_, i) => (i === at ? [] : [importer.input(node, i)]));
    const [rank, given] = [values[0]?.shape.length ?? 0, importer.numbers(node, at)[0] ?? 0];
    return join(importer, values, axisIn(node, given, rank), node.name);
  };
}

const padded: Emit = (node, importer) => {
  const { nodes, wrap } = operands(importer, [importer.input(node, 0)]);
  const numbers = importer.numbers(node, 1);
  const pairs = importer
    .input(node, 0)
    .shape.map((_, dim): [number, number] => [numbers[2 * dim] ?? 0, numbers[2 * dim + 1] ?? 0]);
  const value = node.op === 'PadV2' ? (importer.numbers(node, 2)[0] ?? 0) : 0;
  const isPlanes = wrap(node.name, nodes[0] ?? 0).planes !== undefined;
  const padding = isPlanes ? permute(pairs, toPlanes) : pairs;
  return wrap(node.name, importer.apply(pad, nodes, { padding, value }, node.name));
};

const transposed: Emit = (node, importer) => {
  const value = importer.input(node, 0);
  const wanted = importer.numbers(node, 1).map((axis) => axisIn(node, axis, value.shape.length));
  const fromOurs = value.kind === 'computed' && value.plain === undefined;
  const permutation = fromOurs ? wanted.map(planeAxis) : wanted;
  const from = fromOurs ? importer.planes(value) : importer.plain(value);
  const still = permutation.every((dim, at) => dim === at);
  const made = still ? from : importer.apply(transpose, [from], { permutation }, node.name);
  return importer.plainValue(node.name, made);
};

export const shapes: Rules = {
  Identity: { emit: (node, importer) => importer.input(node, 0), fold: (_, [x]) => x ?? [] },
  ConcatV2: { emit: joined((count) => count - 1), fold: foldShapes.concatLast },
  Concat: { emit: joined(() => 0), fold: foldShapes.concatFirst },
  Pad: { emit: padded, constants: [1] },
  PadV2: { emit: padded, constants: [1, 2] },
  Transpose: { emit: transposed, constants: [1], fold: foldShapes.transpose },
  Reshape: {
    constants: [1],
    emit(node, importer) {
      const shape = importer.numbers(node, 1);
      const total = importer.input(node, 0).shape.reduce((n, extent) => n * extent, 1);
      const known = shape.filter((e) => e !== -1).reduce((n, extent) => n * extent, 1);
      return reshaped(
        node,
        importer,
        shape.map((e) => (e === -1 ? Math.floor(total / known) : e)),
      );
    },
    fold: foldShapes.reshape,
  },
  Squeeze: {
    emit(node, importer) {
      const { shape } = importer.input(node, 0);
      const drop = new Set(
        ints(node, 'squeeze_dims').map((axis) => axisIn(node, axis, shape.length)),
      );
      for (const dim of drop)
        if (shape[dim] !== 1)
          throw unsupported(node, `drops dimension ${dim} of [${shape.join(', ')}]`);
      return reshaped(
        node,
        importer,
        shape.filter((e, dim) => (drop.size > 0 ? !drop.has(dim) : e !== 1)),
      );
    },
    fold: foldShapes.squeeze,
  },
  ExpandDims: {
    constants: [1],
    emit(node, importer) {
      const { shape } = importer.input(node, 0);
      const axis = axisIn(node, importer.numbers(node, 1)[0] ?? 0, shape.length + 1);
      return reshaped(node, importer, shape.toSpliced(axis, 0, 1));
    },
    fold: foldShapes.expandDims,
  },
};
