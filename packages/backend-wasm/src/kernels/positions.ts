// How a product's right-hand side lies: row-major as it is, or packed into zero-padded panels first.
//
//   row-major   x(k, c) = x[k·N + c]             panels   x(k, c) = x[(c / w)·K·w + k·w + c % w]
//
// Packing costs one pass. It is needed where x is given transposed and where rows are shorter than a vector;
// otherwise it pays for kernels that jump about in x (n:m:g: 31 to 54 GFLOP/s at N = 128), and gains nothing
// for those that stay in a panel's worth of columns while they walk it.
import type { Exports } from '../kernel.js';

/** A right-hand side of K rows and N positions. */
export interface Positions {
  /** Floats of scratch; 0 where x is used as it is. */
  readonly floats: number;
  /** Rows that the kernel may walk: k, or more where panels are padded with zero rows. */
  readonly rows: number;
  /** The arguments (x, ldx, panel, step) of a kernel, for an x and the scratch. */
  readonly arguments: (x: number, scratch: number) => readonly [number, number, number, number];
  /** Packs x into the scratch. */
  readonly pack: (exports: Exports, x: number, scratch: number) => void;
}

/** What decides how positions lie. */
export interface PositionsOptions {
  readonly k: number;
  readonly n: number;
  /** Rows of panels, those from k on zero; at least k. */
  readonly rows: number;
  /** The kernel is much quicker on panels. */
  readonly packed: boolean;
  /** x is `[N, K]`. */
  readonly transposed: boolean;
  /** Positions in a panel that suits the kernel, a multiple of 4. */
  readonly panel: number;
}

/** Chooses between row-major and panels. */
export function positions({ k, n, rows, packed, transposed, panel }: PositionsOptions): Positions {
  if (!transposed && n >= 4 && !packed) {
    return { floats: 0, rows: k, arguments: (x) => [x, n, n, 0], pack: () => {} };
  }
  const w = Math.min(panel, Math.max(4, Math.ceil(n / 4) * 4));
  const panels = Math.ceil(n / w);
  return {
    floats: panels * rows * w,
    rows,
    arguments: (_, scratch) => [scratch, w, w, rows * w],
    pack: (exports, x, scratch) => {
      if (transposed) exports['pack_t_padded']!(0, panels, rows, k, n, w, x, k, scratch);
      else exports['pack_padded']!(0, panels, rows, k, n, w, x, n, scratch);
    },
  };
}

/** The code that kernels take for an activation. */
export const activationCode = { none: 0, relu: 1, relu6: 2 } as const;
