// Arguments and results of traced functions are trees: tensors and numbers in arrays and records. A composition is
// the tree of its parts.
import { isComposed, SparseError, Tensor } from '@lacuna/ir';

/** A leaf of a tree. */
export type Leaf = Tensor | number;

/** The leaves of a tree, in order, each with its path. */
export function leavesOf(
  tree: unknown,
  path = '',
): { readonly path: string; readonly leaf: Leaf }[] {
  if (tree === undefined || tree === null) return [];
  if (tree instanceof Tensor || typeof tree === 'number')
    return [{ path: path || 'value', leaf: tree }];
  if (typeof tree !== 'object') {
    throw new SparseError(
      'unsupported',
      `a compiled function was given a ${typeof tree} at ${path || 'the top'}`,
      {
        hint: 'pass tensors, compositions and numbers, in arrays and records; let the function close over what else it reads',
      },
    );
  }
  return Object.entries(isComposed(tree) ? tree.apart().parts : tree).flatMap(([key, child]) =>
    leavesOf(child, path ? `${path}.${key}` : key),
  );
}

/** The same tree with other leaves, taken in order. */
export function withLeaves<T>(tree: T, leaves: Iterator<unknown>): T {
  if (tree === undefined || tree === null) return tree;
  if (tree instanceof Tensor || typeof tree === 'number') return leaves.next().value as T;
  if (isComposed(tree)) {
    const { parts, joined } = tree.apart();
    return joined(Object.values(parts).map((part) => withLeaves(part, leaves))) as T;
  }
  if (Array.isArray(tree)) return tree.map((child: unknown) => withLeaves(child, leaves)) as T;
  return Object.fromEntries(
    Object.entries(tree).map(([key, child]: [string, unknown]) => [key, withLeaves(child, leaves)]),
  ) as T;
}
