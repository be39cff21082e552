// graph -> graph: the rewrites that make a network cheaper before anything is placed, in their order.
import type { Graph } from '@lacuna/ir';
import { checkShapes } from './shapes.js';
import { fold } from './fold.js';
import { fuse } from './fuse.js';
import { lower } from './lower.js';

/** Fuses, folds channels away, and lowers; results may differ by rounding. */
export function simplify(graph: Graph): Graph {
  return checkShapes(lower(fold(fuse(checkShapes(graph)))));
}
