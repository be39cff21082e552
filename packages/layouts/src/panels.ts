// Panels: dense in strips of w columns, each strip row by row, the last one filled up with zeros. Products read their
// right-hand side so: a strip is walked with a small stride, and its rows do not meet in the same sets of a cache.
//
//     a b c | d e f      panels(3)   a b c  g h i | d e f  j k l
//     g h i | j k l
//
//     a b      panels(2, 0)   a c e  b d f…   strips of rows, column by column: panels of the transpose
//     c d                     (a c | b d) (e . | f .)
//     e f
import { int, layout, level } from '@lacuna/ir';

/**
 * A dense matrix in strips of `w` columns (`along` 1) or rows (`along` 0). Holds every number, so that a value which
 * is made at a run may lie in it: between two products nothing is packed again. Stored order: strips, then the other
 * dimension, then the w numbers of a strip; places past the shape are zero.
 *
 * Source: the packed operands of Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008.
 * @example
 * ```ts
 * import { assemble } from '@lacuna/ir';
 * import { panels } from '@lacuna/layouts';
 * assemble(panels(2), [2, 3], [1, 2, 3, 4, 5, 6]).values; // Float32Array [1, 2, 4, 5, 3, 0, 6, 0]
 * ```
 */
export const panels = layout({
  name: 'panels',
  rank: 2,
  params: { w: int(1, 1024, 24), along: int(0, 1, 1) },
  levels: ({ w, along }) => {
    const [cut, other] = along === 1 ? ['j', 'i'] : ['i', 'j'];
    return [level.dense(`${cut}/${w}`), level.dense(other), level.dense(`${cut}%${w}`)];
  },
});
