// n:m:g (STen's): n:m along one dimension, with the choice shared by groups along another. A chunk has
// C·g columns, C = m choose n; in each chunk and block every one of the C patterns serves g columns.
//
//     nmg(1,2,2): n:m along the outputs i, groups along the inputs j;  C = 2, chunks of 4 columns
//
//       j    0 1 2 3 | 4 5 6 7        pattern 0 keeps row 0 of the block, pattern 1 row 1
//     i 0    a . . b | . c d .
//     i 1    . e f . | g . . h        chunk 0, block 0:   p = 0: columns 0 3    p = 1: columns 1 2
//     -------------------------       chunk 1, block 0:   p = 0: columns 1 2    p = 1: columns 0 3
//     i 2    . i . j | ...
//     i 3    k . l . |                values  a b | e f | ...      crd  0 3 | 1 2 | ...
//
// A kernel holds the n rows of a pattern in registers and runs over its g columns: no choice inside the
// loop. Which column takes which pattern is a choice, made by `assign`. See docs/guide/nm.md.
import { dimName, int, layout, level } from '@lacuna/ir';
import { refuseAxes } from './nmg/axes.js';
import { assignColumns } from './nmg/assign.js';
import type { NmgParams } from './nmg/block.js';
import { patternCount, patternTable } from './nmg/order.js';

/** Columns of a chunk and entries of the table beyond which nothing could hold them. */
const limit = 2 ** 24;

/**
 * n:m:g: blocks of m along dimension `along` (by default the first, the outputs of a weight `[outputs,
 * inputs]`), groups of g along dimension `group` (by default the second, the inputs). Any number of
 * dimensions from two. Holds a tensor whenever columns and patterns can be matched without loss.
 *
 * @throws SparseError `format` for n > m, g = 0, or more patterns than a table can hold.
 * Source: STen, `GroupedNMTensor`.
 * @example
 * ```ts
 * import { assemble, bufferOf } from '@lacuna/ir';
 * import { nmg } from '@lacuna/layouts';
 * const t = assemble(nmg(1, 2, 1), [2, 2], [0, 5, 7, 0]);
 * t.values; // Float32Array [5, 7]
 * bufferOf(t.pattern, 3, 'crd'); // Uint16Array [1, 0]
 * ```
 */
export const nmg = layout({
  name: 'nmg',
  params: {
    n: int(1, 512),
    m: int(1, 512),
    g: int(1, 65536),
    along: int(0, 7, 0),
    group: int(0, 7, 1),
  },
  refuse({ n, m, g, along, group }) {
    if (n > m) return `${n} of ${m} cannot be chosen; write nmg(${m}, ${n}, ${g})?`;
    if (along === group) return 'blocks and groups cannot run along one dimension';
    const patterns = patternCount(n, m);
    if (patterns * Math.max(n, g) > limit)
      return `${m} choose ${n} is ${patterns} patterns, too many for one chunk; choose a smaller m, n or g`;
    return undefined;
  },
  levels({ n, m, g, along, group }, shape) {
    refuseAxes('nmg', shape, { along, group });
    const [block, column] = [dimName(along), dimName(group)];
    const patterns = patternCount(n, m);
    const others = shape.map((_, dim) => dim).filter((dim) => dim !== along && dim !== group);
    const order = { name: 'order', over: ['p'], data: patternTable(n, m) };
    return [
      ...others.map((dim) => level.dense(dimName(dim))),
      level.dense(`${column}/${patterns * g}`),
      level.dense(`${block}/${m}`),
      level.slot('p', patterns),
      level.fixed(`${column}%${patterns * g}`, g, { width: 'uint16' }),
      level.fixed(`${block}%${m}`, n, { by: order }),
    ];
  },
  assign({ params, shape, levels, magnitude }) {
    const columns = assignColumns(params as NmgParams, shape, magnitude, 'lossless');
    return { [levels.at(-2)!.name]: columns };
  },
});
