// A family is one layout of the left-hand side of a product, as it is or transposed; matmul and linear are
// made from it. The formula is always   Y[m, c] = act( Σk W[m, k]·X[k, c] + bias[m] ),   where W may be the
// transpose of what is stored, as gradients want it.
import type { Derive, Layout, OperandType, Tensor } from '@lacuna/ir';
import type { Exports, Stage, WasmOperand } from '../kernel.js';
import type { Positions } from './positions.js';

/** Arguments that every product ends with. */
export interface Right {
  /** (x, ldx, panel, step). */
  readonly x: readonly [number, number, number, number];
  readonly n: number;
  /** Rows of X, K or more: panels may end in zero rows. */
  readonly k: number;
  readonly bias: number;
  readonly act: number;
  /** (y, ldy, out): a row's stride in floats, and a panel's. */
  readonly y: readonly [number, number, number];
  /** The family's own scratch. */
  readonly scratch: number;
}

/** A stage whose work is known from the product. */
export type ProductStage = Omit<Stage, 'work'>;

/** Products with one layout on the left. */
export interface Family {
  readonly name: string;
  readonly layout: Layout;
  /** The product is with the transpose of what is stored; default false. */
  readonly turned?: true;
  /** The private form of a constant W that is multiplied in its place. */
  readonly prepare?: (w: Tensor) => Uint8Array;
  /** What is read of W's pattern beside its structure. */
  readonly derive?: Derive;
  /** The flat index of W's entries is read. */
  readonly index?: true;
  /** Whether W, an operand of `layout`, is one that the kernel takes. */
  readonly takes: (w: OperandType) => boolean;
  /** Whether it takes one position and no other number; default false. */
  readonly single?: true;
  /** Positions in a panel, for n positions. */
  readonly panel: (w: OperandType, n: number) => number;
  /** Whether X is worth packing though it lies well; default false. */
  readonly packed?: (w: OperandType, n: number) => boolean;
  /** Rows that panels should have, at least K; default K. */
  readonly rows?: (w: OperandType) => number;
  /** X and Y may be in panels: of so many positions, or of any multiple of four. */
  readonly packs?: number | 'any';
  /** How X of k rows and n positions lies, where neither row-major nor equal panels will do. */
  readonly lie?: (k: number, n: number, transposed: boolean) => Positions;
  /** Share of peak that it reaches for n positions, of the stored entries' arithmetic. */
  readonly share: (w: OperandType, n: number) => number;
  /** Floats of scratch. */
  readonly scratch?: (w: OperandType, n: number) => number;
  /** Calls that prepare W in the scratch. */
  readonly before?: (w: WasmOperand, right: Right) => readonly Stage[];
  /** Multiply-adds at the best rate that an entry costs in them. */
  readonly entry?: (w: OperandType, n: number) => number;
  /** The call that computes y for a right-hand side. */
  readonly bind: (exports: Exports, w: WasmOperand, right: Right) => ProductStage;
  /** Whether `bindVector` takes W; default every W. */
  readonly vector?: (w: OperandType) => boolean;
  /** The same for one contiguous position, where there is a form for it. */
  readonly bindVector?: (exports: Exports, w: WasmOperand, right: Right) => ProductStage;
}

/** How often a product uses a row of x. */
export const usesOf = (w: OperandType): number => w.stored / Math.max(1, w.shape[1]!);

/** How full tiles are with n positions, of what 12 and more reach: less than a vector is as slow as one. */
export const filled = (n: number): number => Math.min(1, (n + 4) / 16) * Math.min(1, n / 4);

/** Bytes of a coordinate of a level. */
export function coordinateBytes({ operand }: WasmOperand, level: number): number {
  return { uint8: 1, uint16: 2, uint32: 4 }[operand.pattern.levels[level]!.width];
}

/** Rows of W, and of X, when W is what is stored or its transpose. */
export function sides({ shape }: OperandType, turned = false): readonly [number, number] {
  const [rows, columns] = shape as [number, number];
  return turned ? [columns, rows] : [rows, columns];
}

/** The last argument of a call as scratch that every thread needs for itself. */
export function lastOf(args: readonly number[], bytes: number): NonNullable<Stage['own']> {
  return { arg: args.length - 1, bytes };
}
