// How a product's right-hand side lies: row-major as it is, or packed into zero-padded panels first.
//
//   row-major   x(k, c) = x[k·N + c]             panels   x(k, c) = x[(c / w)·K·w + k·w + c % w]
//
// Packing costs one pass and pays where the row length is a power of two (rows then meet in the same cache
// sets), where rows are shorter than a vector, and where x is given transposed and must be moved anyway.
import type { Exports } from '../kernel.js';

/** A right-hand side of K rows and N positions. */
export interface Positions {
  /** Floats of scratch; 0 where x is used as it is. */
  readonly floats: number;
  /** The arguments (x, ldx, panel, step) of a kernel, for an x and the scratch. */
  readonly arguments: (x: number, scratch: number) => readonly [number, number, number, number];
  /** Packs x into the scratch. */
  readonly pack: (exports: Exports, x: number, scratch: number) => void;
}

/** What decides how positions lie. */
export interface PositionsOptions {
  readonly k: number;
  readonly n: number;
  /** Rows of the product: how often packed positions are used. */
  readonly m: number;
  /** x is `[N, K]`. */
  readonly transposed: boolean;
  /** Positions in a panel that suits the kernel, a multiple of 4. */
  readonly panel: number;
}

/** Chooses between row-major and panels. */
export function positions({ k, n, m, transposed, panel }: PositionsOptions): Positions {
  const sameSets = (n * 4) % 512 === 0 && k >= 64 && m >= 32;
  if (!transposed && n >= 4 && !sameSets) {
    return { floats: 0, arguments: (x) => [x, n, n, 0], pack: () => {} };
  }
  const w = Math.min(panel, Math.max(4, Math.ceil(n / 4) * 4));
  const panels = Math.ceil(n / w);
  return {
    floats: panels * k * w,
    arguments: (_, scratch) => [scratch, w, w, k * w],
    pack: (exports, x, scratch) => {
      if (transposed) exports['pack_t']!(0, panels, k, n, w, x, k, scratch);
      else exports['pack']!(0, panels, k, n, w, x, n, scratch);
    },
  };
}

/** The code that kernels take for an activation. */
export const activationCode = { none: 0, relu: 1, relu6: 2 } as const;
