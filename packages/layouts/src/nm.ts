// n:m: in every block of m neighbours along one dimension, n are stored.
//
//     nm(2,4), along the inputs j (as 2:4 hardware has it): every row picks its own two of four
//
//       j  0 1 2 3 | 4 5 6 7          crd     1 2 | 0 3        (within the block)
//     i 0  . a b . | c . . d          values  a b | c d
//     i 1  e . . f | . g h .          crd     0 3 | 1 2
//
// Nothing ties the choice of one row to its neighbours'; `nmg` does, and its kernels gain from that. Where
// a block reaches past the shape, what lies outside is zero. See docs/guide/nm.md.
import { dimName, int, layout, level } from '@lacuna/ir';
import { refuseAxes } from './nmg/axes.js';

/**
 * n of every m along dimension `along`: by default the second (the inputs of a weight `[outputs,
 * inputs]`), which is how hardware with 2:4 support counts. Any number of dimensions. Stored order: the
 * other dimensions, then blocks, then the n places, ascending.
 *
 * @example
 * ```ts
 * import { assemble, bufferOf } from '@lacuna/ir';
 * import { nm } from '@lacuna/layouts';
 * const t = assemble(nm(2, 4), [1, 8], [0, 1, 2, 0, 3, 0, 0, 4]);
 * t.values; // Float32Array [1, 2, 3, 4]
 * bufferOf(t.pattern, 2, 'crd'); // Uint8Array [1, 2, 0, 3]
 * ```
 */
export const nm = layout({
  name: 'nm',
  params: { n: int(1, 65536), m: int(1, 65536), along: int(0, 7, 1) },
  refuse: ({ n, m }) =>
    n > m ? `${n} of ${m} cannot be chosen; write nm(${m}, ${n})?` : undefined,
  levels({ n, m, along }, shape) {
    refuseAxes('nm', shape, { along });
    const name = dimName(along);
    const others = shape.map((_, dim) => dim).filter((dim) => dim !== along);
    return [
      ...others.map((dim) => level.dense(dimName(dim))),
      level.dense(`${name}/${m}`),
      level.fixed(`${name}%${m}`, n),
    ];
  },
});
