// What a node of the file comes to: numbers known now, or nodes of our graph. Images are NHWC in the file and
// planes, NCHW, in our graph; a value remembers which of the two forms it has, so that neither is made twice.
import { sizeOf, stridesOf, type NodeId, type Shape } from '@lacuna/ir';

/** Numbers that are known when the graph is read: weights, shapes and arithmetic on them. */
export interface Folded {
  readonly kind: 'folded';
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array | Int32Array;
}

/** A value of each run. */
export interface Computed {
  readonly kind: 'computed';
  readonly name: string;
  /** The shape that the file means. */
  readonly shape: Shape;
  /** The node that has the file's own order of dimensions. */
  plain: NodeId | undefined;
  /** For images: the node in planes, [B, C, H, W]. */
  planes: NodeId | undefined;
  /** The form that ops which can do with either should use. */
  readonly prefers: 'plain' | 'planes';
}

export type Value = Folded | Computed;

/** From NHWC to NCHW, and back. */
export const toPlanes = [0, 3, 1, 2] as const;
export const fromPlanes = [0, 2, 3, 1] as const;

/** The dimension of the planes that an axis of the file's images is. */
export const planeAxis = (axis: number): number => [0, 2, 3, 1][axis] ?? axis;

/** `shape` with its extents in another order. */
export const permute = <T>(items: readonly T[], permutation: readonly number[]): T[] =>
  permutation.flatMap((from) => items.slice(from, from + 1));

/** Whether a permutation leaves memory as it is: extents other than 1 keep their order. */
export function keepsOrder(shape: Shape, permutation: readonly number[]): boolean {
  const moved = permutation.filter((dim) => shape[dim] !== 1);
  return moved.every((dim, at) => at === 0 || (moved[at - 1] ?? 0) < dim);
}

/** Row-major numbers with their dimensions in another order. */
export function transposeData<T extends Float32Array | Int32Array>(
  data: T,
  shape: Shape,
  permutation: readonly number[],
): T {
  const to = permute(shape, permutation);
  const steps = permute(stridesOf(shape), permutation);
  const out = data.slice();
  const at = to.map(() => 0);
  for (let i = 0, from = 0; i < sizeOf(to); i++) {
    out[i] = data[from] ?? 0;
    for (let dim = to.length - 1; dim >= 0; dim--) {
      from += steps[dim] ?? 0;
      if (++at[dim]! < to[dim]!) break;
      from -= at[dim]! * steps[dim]!;
      at[dim] = 0;
    }
  }
  return out as T;
}
