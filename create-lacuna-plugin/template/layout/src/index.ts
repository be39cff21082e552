// __name__: whole stripes of columns are kept, each `width` columns wide.
//
//     1 2 | 0 0 | 3 0      __name__(2)   pos     0 2
//     4 5 | 0 0 | 0 6                   crd     0 2
//                                       values  1 2 4 5 | 3 0 0 6
//
// Read the drawing from the outside in. Which stripes are there? Some, as a list: compressed. In a stripe? Every
// row: dense. In a row of it? Every column: dense.
import { int, layout, level, type Plugin } from '@lacuna/ir';

/** Stripes of `width` columns; a stripe is stored when one of its entries is. Any matrix. */
export const __name__ = layout({
  name: '__name__',
  rank: 2,
  params: { width: int(1, 64) },
  levels: ({ width }) => [
    level.compressed(`j/${width}`),
    level.dense('i'),
    level.dense(`j%${width}`),
  ],
});

/** The plug-in: `createEngine(wasm(), { plugins: [plugin()] })`. */
export default (): Plugin => ({ name: '__name__', layouts: [__name__] });
