// Ops along axes. Axes are the file's; in planes they become ours.
import { argmax, logSoftmax, max, mean, scale, softmax, sum, type SumAttrs } from '@lacuna/ops';
import type { NodeId, Op } from '@lacuna/ir';
import { bool } from '../attributes.js';
import type { Importer } from '../importer.js';
import type { ModelNode } from '../model.js';
import { planeAxis, type Value } from '../value.js';
import { operands } from './operands.js';
import { axisIn, type Emit, type Rule, type Rules } from './rule.js';

/** Reduces input 0 over axes of the file, in planes where the result has one order of dimensions. */
function over(
  node: ModelNode,
  importer: Importer,
  keepDims: boolean,
  make: (x: NodeId, axes: readonly number[]) => NodeId,
): Value {
  const value = importer.input(node, 0);
  const axes = importer.numbers(node, 1).map((axis) => axisIn(node, axis, value.shape.length));
  // Without its sides or without its channels an image has one order of dimensions.
  const ordered = keepDims || axes.includes(3) || (axes.includes(1) && axes.includes(2));
  const isPlanes = value.kind === 'computed' && value.prefers === 'planes';
  if (!isPlanes || !ordered || value.shape.length !== 4)
    return importer.plainValue(node.name, make(importer.plain(value), axes));
  const made = make(importer.planes(value), axes.map(planeAxis));
  return keepDims ? importer.planesValue(node.name, made) : importer.plainValue(node.name, made);
}

function reduced(op: Op<SumAttrs>): Rule {
  return {
    constants: [1],
    emit(node, importer) {
      const keepDims = bool(node, 'keep_dims');
      return over(node, importer, keepDims, (x, axes) =>
        importer.apply(op, [x], { axes, keepDims }, node.name),
      );
    },
  };
}

/** min(x) = −max(−x) */
const least: Emit = (node, importer) => {
  const keepDims = bool(node, 'keep_dims');
  return over(node, importer, keepDims, (x, axes) => {
    const negate = (id: NodeId, name: string): NodeId =>
      importer.apply(scale, [id], { factor: -1 }, name);
    const negative = negate(x, `${node.name}/negative`);
    const most = importer.apply(max, [negative], { axes, keepDims }, `${node.name}/max`);
    return negate(most, node.name);
  });
};

/** Places are whole numbers, kept as float32. */
const places: Emit = (node, importer) =>
  over(node, importer, false, (x, [axis = 0]) =>
    importer.apply(argmax, [x], { axis, keepDims: false }, node.name),
  );

/** Along the last dimension of the file, which in planes is the second. */
function alongLast(op: typeof softmax): Rule {
  return {
    emit(node, importer) {
      const { nodes, wrap } = operands(importer, [importer.input(node, 0)]);
      const isPlanes = wrap(node.name, nodes[0] ?? 0).planes !== undefined;
      const axis = isPlanes ? 1 : -1;
      return wrap(node.name, importer.apply(op, nodes, { axis }, node.name));
    },
  };
}

export const reductions: Rules = {
  Mean: reduced(mean),
  Sum: reduced(sum),
  Max: reduced(max),
  Min: { emit: least, constants: [1] },
  ArgMax: { emit: places, constants: [1] },
  Softmax: alongLast(softmax),
  LogSoftmax: alongLast(logSoftmax),
};
