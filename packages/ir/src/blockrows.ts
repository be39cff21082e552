// Rows of blocks: what csr and bcsr are, whatever a layout is called. Their changes into each other, from and into
// dense, are written down here, without the flat index or a sort that any layout takes.
//
//   csr   (i: dense, j: compressed)                                     blocks of 1 × 1
//   bcsr  (i/r: dense, j/c: compressed, i%r: dense, j%c: dense)         values [block][r][c]
import { vouch } from './check.js';
import { valueArray, type DType, type IndexArray, type ValueArray } from './dtype.js';
import { levelsOf, type Format, type Shape } from './layout.js';
import type { Level } from './level.js';
import { bufferOf, makePattern, type Pattern } from './pattern.js';
import { makeTensor, type Tensor } from './tensor.js';

/** The extents of a block. */
export interface BlockRows {
  readonly rows: number;
  readonly columns: number;
}

const binds = (level: Level, dim: number, div: number, mod: number): boolean => {
  const [axis, second] = level.binds;
  const plain = axis && !second && !level.by && axis.minus === undefined;
  return Boolean(plain) && axis!.dim === dim && axis!.div === div && axis!.mod === mod;
};

/** The blocks of a format's rows; undefined where it has not such levels, or its values are coded. */
export function blockRowsOf(format: Format, shape: Shape): BlockRows | undefined {
  if (shape.length !== 2 || format.codec) return undefined;
  const levels = levelsOf(format, shape);
  const [i, j, p, q] = levels;
  if (!i || j?.kind !== 'compressed' || i.kind !== 'dense' || !j.unique || j.delta)
    return undefined;
  if (levels.length === 2)
    return binds(i, 0, 1, 0) && binds(j, 1, 1, 0) ? { rows: 1, columns: 1 } : undefined;
  if (levels.length !== 4 || p!.kind !== 'dense' || q!.kind !== 'dense') return undefined;
  const [rows, columns] = [p!.size, q!.size];
  const fits = binds(i, 0, rows, 0) && binds(j, 1, columns, 0);
  return fits && binds(p!, 0, 1, rows) && binds(q!, 1, 1, columns) ? { rows, columns } : undefined;
}

/** Rows of blocks as arrays. */
export interface Listed extends BlockRows {
  readonly shape: Shape;
  readonly pos: IndexArray;
  readonly crd: IndexArray;
  readonly values: ValueArray;
}

/** The arrays of a sound tensor that has `blocks`. */
export function listedOf({ pattern, values }: Tensor, blocks: BlockRows): Listed {
  const [pos, crd] = [bufferOf(pattern, 1, 'pos'), bufferOf(pattern, 1, 'crd')];
  return { ...blocks, shape: pattern.shape, pos, crd, values };
}

/** A tensor of arrays whose coordinates are in order. */
export function storedAs(
  format: Format,
  { shape, pos, crd, values }: Listed,
  dtype: DType,
): Tensor {
  const pattern: Pattern = makePattern(format, shape, [
    { level: 1, role: 'pos', data: pos },
    { level: 1, role: 'crd', data: crd },
  ]);
  return makeTensor(vouch(pattern), dtype, values);
}

/** Row-major values; what is not stored is zero. */
export function spread(
  { rows, columns, shape, pos, crd, values }: Listed,
  dtype: DType,
): ValueArray {
  const [m, k] = shape as [number, number];
  const out = valueArray(dtype, m * k);
  for (let i = 0; i < m; i++) {
    const [group, r] = [Math.floor(i / rows), i % rows];
    const [first, end] = [pos[group]!, pos[group + 1]!];
    const row = i * k;
    if (columns === 1) {
      for (let q = first; q < end; q++) out[row + crd[q]!] = values[q * rows + r]!;
      continue;
    }
    for (let q = first; q < end; q++) {
      const [j, from] = [crd[q]! * columns, (q * rows + r) * columns];
      const last = Math.min(columns, k - j);
      for (let c = 0; c < last; c++) out[row + j + c] = values[from + c]!;
    }
  }
  return out;
}

/** Single entries: every place of a block that is inside the shape. */
export function unblocked(
  { rows, columns, shape, pos, crd, values }: Listed,
  dtype: DType,
): Listed {
  const [m, k] = shape as [number, number];
  const inside = (group: number): number => {
    const [first, end] = [pos[group]!, pos[group + 1]!];
    const over = end > first ? (crd[end - 1]! + 1) * columns - k : 0; // of the last block of a row
    return (end - first) * columns - Math.max(0, over);
  };
  const bounds = new Uint32Array(m + 1);
  for (let i = 0; i < m; i++) bounds[i + 1] = bounds[i]! + inside(Math.floor(i / rows));
  const columnsOf = k <= 0x10000 ? new Uint16Array(bounds[m]!) : new Uint32Array(bounds[m]!);
  const out = valueArray(dtype, bounds[m]!);
  for (let i = 0, e = 0; i < m; i++) {
    const [group, r] = [Math.floor(i / rows), i % rows];
    const end = pos[group + 1]!;
    if (columns === 1)
      for (let q = pos[group]!; q < end; q++, e++) {
        columnsOf[e] = crd[q]!;
        out[e] = values[q * rows + r]!;
      }
    else
      for (let q = pos[group]!; q < end; q++) {
        const [j, from] = [crd[q]! * columns, (q * rows + r) * columns];
        const last = Math.min(columns, k - j);
        for (let c = 0; c < last; c++, e++) {
          columnsOf[e] = j + c;
          out[e] = values[from + c]!;
        }
      }
  }
  return { rows: 1, columns: 1, shape, pos: bounds, crd: columnsOf, values: out };
}
