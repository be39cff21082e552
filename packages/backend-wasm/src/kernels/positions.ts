// How a product's right-hand side lies: row-major as it is, or packed into zero-padded panels first.
//
//   row-major   x(k, c) = x[k·N + c]             panels   x(k, c) = x[(c / w)·K·w + k·w + c % w]
//
// Packing costs one pass. It is needed where x is given transposed and where rows are shorter than a vector;
// otherwise it pays for kernels that jump about in x (n:m:g: 31 to 54 GFLOP/s at N = 128), and for all where x
// is large and used often: rows far apart meet in the same sets of the caches (dense 1024³: 57 to 95 % of peak,
// groups of four rows at 768×3072×512: 65 to 87 %).
import type { Stage } from '../kernel.js';

/** A right-hand side of K rows and N positions. */
export interface Positions {
  /** Floats of scratch; 0 where x is used as it is. */
  readonly floats: number;
  /** Rows that the kernel may walk: k, or more where panels are padded with zero rows. */
  readonly rows: number;
  /** The arguments (x, ldx, panel, step) of a kernel, for an x and the scratch. */
  readonly arguments: (x: number, scratch: number) => readonly [number, number, number, number];
  /** Packs x into the scratch; none where it is used as it is. */
  readonly pack: (x: number, scratch: number) => readonly Stage[];
}

/** What decides how positions lie. */
export interface PositionsOptions {
  readonly k: number;
  readonly n: number;
  /** Rows of panels, those from k on zero; at least k. */
  readonly rows: number;
  /** The kernel is much quicker on panels. */
  readonly better: boolean;
  /** x is `[N, K]`. */
  readonly transposed: boolean;
  /** Positions in a panel that suits the kernel, a multiple of 4. */
  readonly panel: number;
}

/** Whether x is worth packing for a product that uses each of its rows `uses` times. */
export const large = (k: number, n: number, uses: number): boolean =>
  uses >= 32 && k * n >= 2 ** 17;

/** X that lies in panels of w already, k rows each. */
export const given = (k: number, w: number): Positions => ({
  floats: 0,
  rows: k,
  arguments: (x) => [x, w, w, k * w],
  pack: () => [],
});

/** X in panels of w, the last one filled up with zeros. */
export function packed(
  { k, n, rows, transposed }: Pick<PositionsOptions, 'k' | 'n' | 'rows' | 'transposed'>,
  w: number,
): Positions {
  const panels = Math.ceil(n / w);
  return {
    floats: panels * rows * w,
    rows,
    arguments: (_, scratch) => [scratch, w, w, rows * w],
    pack: (x, scratch) => [packing({ k, n, rows, transposed }, w, x, scratch)],
  };
}

/** The call that packs X at x into panels of w at y. */
export function packing(
  { k, n, rows, transposed }: Pick<PositionsOptions, 'k' | 'n' | 'rows' | 'transposed'>,
  w: number,
  x: number,
  y: number,
): Stage {
  const panels = Math.ceil(n / w);
  return {
    name: transposed ? 'pack_t_padded' : 'pack_padded',
    units: panels,
    args: [rows, k, n, w, x, transposed ? k : n, y],
    work: panels * rows * w * moved,
  };
}

/** Chooses between row-major and panels. */
export function positions({ better, panel, ...of }: PositionsOptions): Positions {
  const { k, n, transposed } = of;
  if (!transposed && n >= 4 && !better)
    return { floats: 0, rows: k, arguments: (x) => [x, n, n, 0], pack: () => [] };
  return packed(of, Math.min(panel, Math.max(4, Math.ceil(n / 4) * 4)));
}

/** One position is contiguous however it is written. */
export const direct = (k: number, n: number): Positions => ({
  floats: 0,
  rows: k,
  arguments: (x) => [x, n, n, 0],
  pack: () => [],
});

/** Multiply-adds in the time that one number is read from cache and written to it. */
export const moved = 6;

/** The code that kernels take for an activation. */
export const activationCode = { none: 0, relu: 1, relu6: 2 } as const;
