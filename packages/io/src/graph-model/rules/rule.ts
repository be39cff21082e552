// How the ops of the file are read. A fold computes numbers that are known now; a rule emits nodes of ours.
import { SparseError } from '@lacuna/ir';
import type { Importer } from '../importer.js';
import type { ModelNode } from '../model.js';
import type { Folded, Value } from '../value.js';

/** Numbers from numbers. */
export type Fold = (node: ModelNode, inputs: readonly Folded[]) => Folded | readonly Folded[];
/** Nodes of our graph from a node of the file: one value, or one for each of its outputs. */
export type Emit = (node: ModelNode, importer: Importer) => Value | readonly Value[];

/** What is known of an op of the file. */
export interface Rule {
  readonly fold?: Fold;
  readonly emit?: Emit;
  /** Computed from an input's shape alone, whether or not its numbers are known. */
  readonly shapeOnly?: boolean;
  /** Inputs that must be known when the file is read, by their places. */
  readonly constants?: readonly number[];
  /** What of this node we lack, though we have its op. */
  readonly lacks?: (node: ModelNode) => string | undefined;
}

export type Rules = Readonly<Record<string, Rule>>;

/** The most numbers that folding may make: shape arithmetic and weights are far smaller. */
const most = 2 ** 27;

/** A folded value; whole numbers stay whole. */
export function folded(
  name: string,
  shape: readonly number[],
  whole: boolean,
  make: (at: number) => number,
): Folded {
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0) || size > most)
    throw new SparseError('corrupt', `node "${name}" folds to the shape [${shape.join(', ')}]`, {
      hint: 'fetch or write the file again',
    });
  const data = whole ? new Int32Array(size) : new Float32Array(size);
  for (let at = 0; at < size; at++) data[at] = make(at);
  return { kind: 'folded', name, shape, data };
}

/** Whether folded numbers are whole by type. */
export const isWhole = (value: Folded | undefined): boolean => value?.data instanceof Int32Array;

/** An axis counted from the front. */
export function axisIn(node: ModelNode, axis: number, rank: number): number {
  const found = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(found) && found >= 0 && found < Math.max(rank, 1)) return found;
  throw new SparseError('corrupt', `node "${node.name}" names axis ${axis} of ${rank}`, {
    hint: 'fetch or write the file again',
  });
}
