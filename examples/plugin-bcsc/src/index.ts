// BCSC: block-compressed sparse columns. CSC of dense blocks of r × c; each block by columns.
//
//     1 2 | 0 0       bcsc(2,2)   pos  0 1 2      (column of blocks 0 has one block, as has column 1)
//     3 4 | 0 0                   crd  0 1        (rows of blocks)
//     ----+----                   values  1 3 2 4 | 5 7 6 8
//     0 0 | 5 6
//     0 0 | 7 8       What a product by the transpose wants: the blocks of a column, one after another.
import { int, layout, level, type Plugin } from '@lacuna/ir';

/** Block-compressed sparse columns. Any matrix: blocks at the edges are filled with zeros. */
export const bcsc = layout({
  name: 'bcsc',
  rank: 2,
  params: { rows: int(1, 1024), columns: int(1, 1024) },
  levels: ({ rows, columns }) => [
    level.dense(`j/${columns}`),
    level.compressed(`i/${rows}`),
    level.dense(`j%${columns}`),
    level.dense(`i%${rows}`),
  ],
});

/** The plug-in: `createEngine(wasm(), { plugins: [plugin()] })`. */
export default (): Plugin => ({ name: 'bcsc', layouts: [bcsc] });
