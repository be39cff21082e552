// graph -> graph: the rewrites that make a network cheaper before anything is placed, in their order.
import type { Graph } from '@lacuna/ir';
import { checkShapes } from './shapes.js';
import { fold } from './fold.js';
import { fuse } from './fuse.js';
import { lower } from './lower.js';

/** Which rewrites to do. */
export interface SimplifyOptions {
  /** Fold constant and unread channels away; default true. */
  readonly fold?: boolean;
}

/** Fuses, folds channels away, and lowers; results may differ by rounding. */
export function simplify(graph: Graph, { fold: folding = true }: SimplifyOptions = {}): Graph {
  const fused = fuse(checkShapes(graph));
  return checkShapes(lower(folding ? fold(fused) : fused));
}
