// v:n:m (VENOM's): n:m for hardware that knows 2:4 alone. In each tile of v rows and m columns four columns
// are chosen, and every row keeps n of those four.
//
//     vnm(2,2,8), one tile:  columns 0 3 4 6 are chosen for both rows
//
//       j  0 1 2 3 4 5 6 7      table  0 3 4 6      (columns[i/2, j/8])
//     i 0  a . . b . . . .      crd    0 1 | 2 3    (which of the four)
//     i 1  . . . . c . d .      values a b | c d
//
// At n:m = 2:16 seven of eight numbers are gone, and the tile without the columns that nobody chose is 2:4.
import { int, layout, level, type AssignInput, type Assignment } from '@lacuna/ir';

/** Columns that a tile chooses. */
const chosen = 4;

/**
 * n of four chosen columns a row, in tiles of v rows and m columns of a matrix. Stored order: tiles, then the rows
 * of a tile, then its n entries. Holds a matrix when each tile has entries in at most four columns, and each row
 * of a tile at most n of them; `assign` chooses the columns that hold the most.
 *
 * Source: VENOM, Castro et al., 2023.
 * @example
 * ```ts
 * import { assemble, bufferOf } from '@lacuna/ir';
 * import { vnm } from '@lacuna/layouts';
 * const t = assemble(vnm(2, 2, 8), [2, 8], [1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 4, 0]);
 * t.values; // Float32Array [1, 2, 3, 4]
 * bufferOf(t.pattern, 3, 'table'); // Uint8Array [0, 3, 4, 6]
 * bufferOf(t.pattern, 3, 'crd'); // Uint8Array [0, 1, 2, 3]
 * ```
 */
export const vnm = layout({
  name: 'vnm',
  rank: 2,
  params: { v: int(1, 1024), n: int(1, chosen), m: int(chosen, 1024) },
  levels: ({ v, n, m }) => [
    level.dense(`i/${v}`),
    level.dense(`j/${m}`),
    level.dense(`i%${v}`),
    level.fixed(`j%${m}`, n, {
      by: { name: 'columns', over: [`i/${v}`, `j/${m}`], of: chosen },
    }),
  ],
  assign,
});

function assign({ params, shape, levels, magnitude }: AssignInput): Assignment {
  const [v, n, m] = [params['v']!, params['n']!, params['m']!];
  const [rows, width] = [shape[0]!, shape[1]!];
  const [down, across] = [levels[0]!.size, levels[1]!.size];
  const columns = new Uint16Array(down * across * chosen);
  const crd = new Uint8Array(down * across * v * n);
  const at = (i: number, j: number): number =>
    i < rows && j < width ? magnitude[i * width + j]! : 0;
  for (let tile = 0; tile < down * across; tile++) {
    const [top, left] = [Math.floor(tile / across) * v, (tile % across) * m];
    const sums = Float64Array.from({ length: m }, (_, c) => {
      let sum = 0;
      for (let i = top; i < top + v; i++) sum += at(i, left + c);
      return sum;
    });
    const four = largest(sums, chosen);
    columns.set(four, tile * chosen);
    for (let i = 0; i < v; i++) {
      const row = four.map((c) => at(top + i, left + c));
      crd.set(largest(row, n), (tile * v + i) * n);
    }
  }
  return { columns, [levels[3]!.name]: crd };
}

/** The places of the `count` largest numbers, ascending; of equals the first. */
function largest(numbers: ArrayLike<number>, count: number): number[] {
  return Array.from(numbers, (_, c) => c)
    .sort((a, b) => numbers[b]! - numbers[a]! || a - b)
    .slice(0, count)
    .sort((a, b) => a - b);
}
