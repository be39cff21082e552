// Boxes, joins and other shapes of values, in planes where they are there already.
import { concatenate, reshape, slice } from '@lacuna/ops';
import type { Importer } from '../importer.js';
import { permute, planeAxis, toPlanes, type Value } from '../value.js';
import { operands } from './operands.js';

/** The same numbers, in the file's order, under another shape. */
export function regroup(
  importer: Importer,
  value: Value,
  shape: readonly number[],
  name: string,
): Value {
  if (value.shape.join() === shape.join()) return value;
  const from = importer.rowMajor(value);
  return importer.plainValue(name, importer.apply(reshape, [from], { shape }, name));
}

/** A box of a value, by the first coordinate and the extent along each dimension of the file. */
export function box(
  importer: Importer,
  value: Value,
  begin: readonly number[],
  size: readonly number[],
  name: string,
): Value {
  if (value.shape.join() === size.join() && begin.every((at) => at === 0)) return value;
  const { nodes, wrap } = operands(importer, [value]);
  const isPlanes = wrap(name, nodes[0] ?? 0).planes !== undefined;
  const attrs = isPlanes
    ? { begin: permute(begin, toPlanes), size: permute(size, toPlanes) }
    : { begin, size };
  return wrap(name, importer.apply(slice, nodes, attrs, name));
}

/** Values one after another along an axis. */
export function join(
  importer: Importer,
  values: readonly Value[],
  axis: number,
  name: string,
): Value {
  const planes =
    values[0]?.shape.length === 4 &&
    values.some((v) => v.kind === 'computed' && v.prefers === 'planes');
  const nodes = values.map((value) => (planes ? importer.planes(value) : importer.plain(value)));
  const attrs = { axis: planes ? planeAxis(axis) : axis };
  const made = importer.apply(concatenate, nodes, attrs, name);
  return planes ? importer.planesValue(name, made) : importer.plainValue(name, made);
}
