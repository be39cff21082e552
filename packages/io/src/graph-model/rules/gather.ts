// Slices of a value along an axis, at places that are known when the file is read.
import { broadcast, gather } from '@lacuna/ops';
import { corrupt } from '../../corrupt.js';
import { int } from '../attributes.js';
import type { Importer } from '../importer.js';
import { planeAxis, type Value } from '../value.js';
import { regroup } from './cut.js';
import { foldShapes } from './fold-shape.js';
import { operands } from './operands.js';
import { axisIn, type Emit, type Rule, type Rules } from './rule.js';

/** The slices of a value at `places` along an axis of the file. */
export function taken(
  importer: Importer,
  value: Value,
  axis: number,
  places: readonly number[],
  name: string,
): Value {
  const { nodes, wrap } = operands(importer, [value]);
  const [x = 0] = nodes;
  const along = wrap(name, x).planes === undefined ? axis : planeAxis(axis);
  const { shape } = importer.builder.node(x);
  const line = shape.map((_, dim) => (dim === along ? places.length : 1));
  const at = importer.constant(`${name}/places`, '', () => ({ shape: line, data: places }));
  const wanted = { shape: shape.with(along, places.length) };
  const indices = importer.apply(broadcast, [at], wanted, `${name}/indices`);
  return wrap(name, importer.apply(gather, [x, indices], { axis: along }, name));
}

const emit: Emit = (node, importer) => {
  const value = importer.input(node, 0);
  const { shape, data } = importer.folded(node, 1);
  const axis = axisIn(
    node,
    node.inputs.length > 2 ? (importer.numbers(node, 2)[0] ?? 0) : 0,
    value.shape.length,
  );
  const extent = value.shape[axis] ?? 0;
  const outside = data.find((at) => !(at >= 0 && at < extent));
  if (outside !== undefined)
    throw corrupt(`node "${node.name}"`, `takes place ${outside} of ${extent}`);
  const full = value.shape.toSpliced(axis, 1, ...shape);
  const name = shape.length === 1 ? node.name : `${node.name}/taken`;
  const found = taken(importer, value, axis, Array.from(data), name);
  return regroup(importer, found, full, node.name);
};

const rule: Rule = {
  constants: [1, 2],
  lacks: (node) => (int(node, 'batch_dims', 0) === 0 ? undefined : 'batch_dims'),
  emit,
  fold: foldShapes.gather,
};

export const gathers: Rules = { Gather: rule, GatherV2: rule };
