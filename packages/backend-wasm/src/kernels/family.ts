// A family is one layout of the left-hand side of a product; matmul and linear are made from it. The
// formula is always   Y[m, c] = act( Σk W[m, k]·X[k, c] + bias[m] ).
import type { Layout, OperandType } from '@lacuna/ir';
import type { Exports, Stage, WasmOperand } from '../kernel.js';

/** Arguments that every product ends with. */
export interface Right {
  /** (x, ldx, panel, step). */
  readonly x: readonly [number, number, number, number];
  readonly n: number;
  /** Rows of X, K or more: panels may end in zero rows. */
  readonly k: number;
  readonly bias: number;
  readonly act: number;
  readonly y: number;
  /** The family's own scratch. */
  readonly scratch: number;
}

/** A stage whose work is known from the product. */
export type ProductStage = Omit<Stage, 'work'>;

/** Products with one layout on the left. */
export interface Family {
  readonly name: string;
  readonly layout: Layout;
  /** Whether W, an operand of `layout`, is one that the kernel takes. */
  readonly takes: (w: OperandType) => boolean;
  /** Positions in a panel. */
  readonly panel: (w: OperandType) => number;
  /** Whether X is worth packing though it lies well; default false. */
  readonly packed?: (w: OperandType) => boolean;
  /** Rows that panels should have, at least K; default K. */
  readonly rows?: (w: OperandType) => number;
  /** Share of peak that it reaches for n positions, of the stored entries' arithmetic. */
  readonly share: (w: OperandType, n: number) => number;
  /** Floats of scratch. */
  readonly scratch?: (w: OperandType) => number;
  /** The call that computes y for a right-hand side. */
  readonly bind: (exports: Exports, w: WasmOperand, right: Right) => ProductStage;
  /** The same for one contiguous position, where there is a form for it. */
  readonly bindVector?: (exports: Exports, w: WasmOperand, right: Right) => ProductStage;
}

/** Bytes of a coordinate of a level. */
export function coordinateBytes({ operand }: WasmOperand, level: number): number {
  return { uint8: 1, uint16: 2, uint32: 4 }[operand.pattern.levels[level]!.width];
}

/** The last argument of a call as scratch that every thread needs for itself. */
export function lastOf(args: readonly number[], bytes: number): NonNullable<Stage['own']> {
  return { arg: args.length - 1, bytes };
}
