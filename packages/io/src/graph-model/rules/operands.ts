// Operands that stretch to each other: all in planes where one of them is an image that prefers them, all in
// the file's order otherwise. A constant for each channel becomes [C, 1, 1].
import { sizeOf, type NodeId, type Shape } from '@lacuna/ir';
import { reshape } from '@lacuna/ops';
import type { Importer } from '../importer.js';
import {
  permute,
  toPlanes,
  transposeData,
  type Computed,
  type Folded,
  type Value,
} from '../value.js';

/** Operands in one form, and the value of a node that keeps that form. */
export interface Operands {
  readonly nodes: readonly NodeId[];
  readonly wrap: (name: string, node: NodeId) => Computed;
}

/** Brings values that will stretch to each other into one form. */
export function operands(importer: Importer, values: readonly Value[]): Operands {
  const rank = Math.max(...values.map(({ shape }) => shape.length));
  const planes =
    rank === 4 &&
    values.some((v) => v.kind === 'computed' && v.prefers === 'planes' && v.shape.length === 4);
  return planes
    ? {
        nodes: values.map((value) => stretchable(importer, value)),
        wrap: (name, node) => importer.planesValue(name, node),
      }
    : {
        nodes: values.map((value) => importer.plain(value)),
        wrap: (name, node) => importer.plainValue(name, node),
      };
}

const four = (shape: Shape): number[] => [...Array<number>(4 - shape.length).fill(1), ...shape];

function stretchable(importer: Importer, value: Value): NodeId {
  if (value.kind === 'folded') return planesConstant(importer, value);
  if (value.shape.length === 4) return importer.planes(value);
  const { name, shape } = value;
  const image = importer.apply(
    reshape,
    [importer.plain(value)],
    { shape: four(shape) },
    `${name}/image`,
  );
  return importer.planes(importer.plainValue(name, image));
}

/** A constant that stretches over planes: leading extents of 1 are dropped. */
function planesConstant(importer: Importer, value: Folded): NodeId {
  return importer.constant(value.name, 'stretch', () => {
    const shape = four(value.shape);
    const data = transposeData(value.data, shape, toPlanes);
    const planes = permute(shape, toPlanes);
    const lead = planes.findIndex((extent) => extent !== 1);
    return {
      shape: sizeOf(shape) === 1 ? [1] : planes.slice(Math.max(0, Math.min(lead, 1))),
      data,
    };
  });
}

/** A constant for the channels of `x`, which is in planes if it has 4 dimensions. */
export function channels(importer: Importer, value: Folded, x: NodeId): NodeId {
  return importer.builder.node(x).shape.length === 4
    ? planesConstant(importer, value)
    : importer.plain(value);
}
