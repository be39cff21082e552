// StridedSlice on known numbers.
import { SparseError, sizeOf, stridesOf } from '@lacuna/ir';
import { folded, isWhole, type Fold } from './rule.js';
import { stridesOfNode } from './strides.js';

export const stridedSlice: Fold = (node, [x, ...lists]) => {
  if (!x) throw new SparseError('corrupt', `node "${node.name}" slices nothing`);
  const places = stridesOfNode(
    node,
    x.shape,
    lists.map(({ data }) => data),
  );
  const apart = stridesOf(x.shape);
  const along = (dim: number | undefined): number => (dim === undefined ? 0 : (apart[dim] ?? 0));
  const base = places.reduce((sum, { dim, first }) => sum + first * along(dim), 0);
  const kept = places.filter(({ shrinks }) => !shrinks);
  const shape = kept.map(({ extent }) => extent);
  const steps = kept.map(({ dim, step }) => step * along(dim));
  const to = stridesOf(shape);
  return folded(node.name, shape, isWhole(x), (at) => {
    let flat = base;
    shape.forEach((extent, d) => (flat += (Math.floor(at / to[d]!) % extent) * steps[d]!));
    return flat < sizeOf(x.shape) ? (x.data[flat] ?? 0) : 0;
  });
};
