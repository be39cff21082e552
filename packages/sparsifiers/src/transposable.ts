// Transposable n:m: of every m × m block, n of each row and n of each column, so that the weight and its
// transpose are both n:m, and both products of training have a sparse operand.
//
//     2:4    . 9 . 8        every row and every column keeps two
//            7 . . 6
//            5 . 9 .
//            . 4 8 .
//
// For m ≤ 4 the best mask is found among all (90 for 2:4). Above that, numbers are taken from the largest on
// while their row and column have room, which keeps at least half of the best (Hubara et al., 2021).
import { SparseError, sparsifier, type Sparsifier } from '@lacuna/ir';
import { magnitudes, checkWhole } from './check.js';
import { dropCount } from './rank.js';

/**
 * Keeps at most n of every m numbers of rows and of columns of the last two dimensions. Goes with `nm(n, m)`
 * along either of them.
 *
 * @throws SparseError `unsupported` for n > m and numbers that are not finite; `shape` below two dimensions.
 * @example
 * ```ts
 * import { transposableNm } from '@lacuna/sparsifiers';
 * transposableNm({ n: 1, m: 2 }).keep(Float32Array.of(3, 4, 4, 1), [2, 2]); // Uint8Array [0, 1, 1, 0]
 * ```
 */
export function transposableNm({ n, m }: { readonly n: number; readonly m: number }): Sparsifier {
  checkWhole('transposableNm', { m }, 1, 32); // rows of a mask are bits of one number
  checkWhole('transposableNm', { n }, 1, m);
  return sparsifier({
    name: 'transposableNm',
    kind: 'blocking',
    params: { n, m },
    rule: { keeps: 'transposable', n, m },
    at: (fraction) => transposableNm({ n: m - dropCount(fraction, m), m }),
    keep(numbers, shape) {
      const [height, width] = shape.slice(-2);
      if (height === undefined || width === undefined)
        throw new SparseError(
          'shape',
          `transposableNm cuts the last two dimensions, and the shape is [${shape.join(', ')}]`,
          {
            hint: 'reshape the tensor to two dimensions or more',
          },
        );
      const sizes = magnitudes('transposableNm', numbers, shape);
      const kept = new Uint8Array(sizes.length);
      const masks = m <= 4 ? allMasks(n, m) : undefined;
      for (let matrix = 0; matrix < sizes.length; matrix += height * width) {
        for (let top = 0; top < height; top += m) {
          for (let left = 0; left < width; left += m) {
            const size = (r: number, c: number): number =>
              top + r < height && left + c < width
                ? sizes[matrix + (top + r) * width + left + c]!
                : 0;
            const mask = masks ? best(masks, size, m) : greedy(size, n, m);
            for (let r = 0; r < m && top + r < height; r++)
              for (let c = 0; c < m && left + c < width; c++)
                kept[matrix + (top + r) * width + left + c] = (mask[r]! >> c) & 1;
          }
        }
      }
      return kept;
    },
  });
}

type Sizes = (row: number, column: number) => number;
/** A mask of a block: the bits of each row. */
type Rows = readonly number[];

function best(masks: readonly Rows[], size: Sizes, m: number): Rows {
  let [top, most] = [masks[0]!, -1];
  for (const mask of masks) {
    let total = 0;
    for (let r = 0; r < m; r++)
      for (let c = 0; c < m; c++) if ((mask[r]! >> c) & 1) total += size(r, c);
    if (total > most) [top, most] = [mask, total];
  }
  return top;
}

function greedy(size: Sizes, n: number, m: number): Rows {
  const cells = Array.from({ length: m * m }, (_, at) => at);
  const of = (at: number): number => size(Math.floor(at / m), at % m);
  cells.sort((a, b) => of(b) - of(a) || a - b);
  const [rows, inRow, inColumn] = [
    Array.from({ length: m }, () => 0),
    new Uint32Array(m),
    new Uint32Array(m),
  ];
  for (const at of cells) {
    const [r, c] = [Math.floor(at / m), at % m];
    if (inRow[r]! >= n || inColumn[c]! >= n) continue;
    rows[r]! |= 1 << c;
    inRow[r]!++;
    inColumn[c]!++;
  }
  return rows;
}

/** Every m × m mask with n in each row and column. */
function allMasks(n: number, m: number): readonly Rows[] {
  const bits = (x: number): number => (x === 0 ? 0 : (x & 1) + bits(x >> 1));
  const rows = Array.from({ length: 1 << m }, (_, x) => x).filter((x) => bits(x) === n);
  let found: Rows[] = [[]];
  for (let r = 0; r < m; r++) found = found.flatMap((head) => rows.map((row) => [...head, row]));
  return found.filter((mask) =>
    Array.from({ length: m }, (_, c) => c).every(
      (c) => mask.reduce((k, row) => k + ((row >> c) & 1), 0) === n,
    ),
  );
}
