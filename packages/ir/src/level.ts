// A level is one step from the root of a tensor's storage to its values. It binds coordinates of the
// tensor's dimensions through expressions such as `i`, `i/4`, `i%4`, `i/4%2`; several levels may bind
// parts of one dimension, and then   coordinate(dimension) = Σ (level coordinate · divisor).
import { indexTypeFor, type IndexType } from './dtype.js';
import { SparseError } from './error.js';

/** How a level expands a position; see the table in `docs/architecture.md`. */
export type LevelKind = 'dense' | 'compressed' | 'singleton' | 'bitmask' | 'fixed' | 'slot';

/** `floor(coordinate[dim] / div) % mod`; `mod` 0 means no remainder is taken. */
export interface Axis {
  readonly dim: number;
  readonly div: number;
  readonly mod: number;
}

/** A table through which a level's coordinate is read. */
export interface LevelTable {
  readonly name: string;
  /** Names of the outer levels whose coordinates index the table, slowest first. */
  readonly over: readonly string[];
  /** Size of the table's last dimension when a stored coordinate indexes it; absent: the entry's place does. */
  readonly of?: number;
  /** The table itself when the parameters fix it; absent: it is stored with the pattern. */
  readonly data?: readonly number[];
}

/** One level, with its sizes known. Pure data. */
export interface Level {
  readonly name: string;
  readonly kind: LevelKind;
  readonly binds: readonly Axis[];
  /** Coordinates of this level are `0..size`. */
  readonly size: number;
  /** For `fixed`: entries a position. */
  readonly count?: number;
  readonly by?: LevelTable;
  readonly ordered: boolean;
  readonly unique: boolean;
  /** Width of a stored coordinate. */
  readonly width: IndexType;
}

/** A level whose sizes are not known yet: what `level.*` makes, and `layout()` resolves for a shape. */
export interface LevelSpec {
  readonly kind: LevelKind;
  readonly expr: string;
  readonly count?: number;
  readonly by?: LevelTable;
  readonly unique?: boolean;
  readonly ordered?: boolean;
  /** The narrowest width allowed for coordinates. */
  readonly width?: IndexType;
}

/** What a maker of levels may be told beside the expression. */
export type LevelOptions = Partial<Pick<LevelSpec, 'unique' | 'ordered' | 'width' | 'by'>>;

/**
 * Makers of levels. An expression names dimensions `i j k l` (or `d0 d1 …`), each with an optional
 * divisor and remainder; `'i=j'` binds both at once.
 *
 * @example
 * ```ts
 * import { level } from '@lacuna/ir';
 * level.compressed('j/4').expr; // 'j/4'
 * ```
 */
export const level = {
  /** Every coordinate in order; stores nothing. */
  dense: (expr: string): LevelSpec => ({ kind: 'dense', expr }),
  /** `pos[p] .. pos[p+1]`, coordinates in `crd`. */
  compressed: (expr: string, options: LevelOptions = {}): LevelSpec => ({
    kind: 'compressed',
    expr,
    width: 'uint16',
    ...options,
  }),
  /** One coordinate a position, in `crd`. */
  singleton: (expr: string, options: LevelOptions = {}): LevelSpec => ({
    kind: 'singleton',
    expr,
    width: 'uint16',
    ...options,
  }),
  /** One bit a coordinate. */
  bitmask: (expr: string): LevelSpec => ({ kind: 'bitmask', expr }),
  /** Exactly `count` distinct coordinates a position, stored, or read from a table. */
  fixed: (expr: string, count: number, options: LevelOptions = {}): LevelSpec => ({
    kind: 'fixed',
    expr,
    count,
    ...options,
  }),
  /** `size` places that bind no coordinate; later levels may refer to the place by `name`. */
  slot: (name: string, size: number): LevelSpec => ({ kind: 'slot', expr: name, count: size }),
} as const;

const term = /^\(?([a-z]|d\d+)(?:\/(\d+))?\)?(?:%(\d+))?$/;

/** Names of dimensions in expressions: `i j k l`, and `d4 d5 …` beyond. */
export function dimName(dim: number): string {
  return 'ijkl'[dim] ?? `d${dim}`;
}

function parseAxis(text: string): Axis {
  const match = term.exec(text.trim());
  const name = match?.[1] ?? '';
  const dim = name.length > 1 ? Number(name.slice(1)) : 'ijkl'.indexOf(name);
  const [div, mod] = [Number(match?.[2] ?? 1), Number(match?.[3] ?? 0)];
  if (!match || dim < 0 || div < 1) {
    throw new SparseError('format', `a level was described as "${text}"`, {
      hint: "write a dimension with an optional divisor and remainder, such as 'i', 'i/4', 'j%4' or 'i/4%2'",
    });
  }
  return { dim, div, mod };
}

/** Coordinates that `axis` takes over a dimension of `extent`. */
export function axisSize(axis: Axis, extent: number): number {
  const blocks = Math.ceil(extent / axis.div);
  return axis.mod || blocks;
}

/** Fills in a spec's axes, size and coordinate width for a shape. */
export function resolveLevel(spec: LevelSpec, shape: readonly number[]): Level {
  const slot = spec.kind === 'slot';
  const binds = slot ? [] : spec.expr.split('=').map(parseAxis);
  for (const { dim } of binds) {
    if (dim >= shape.length) {
      throw new SparseError(
        'shape',
        `level "${spec.expr}" needs dimension ${dimName(dim)}, and the tensor has ${shape.length}`,
        { detail: { shape }, hint: 'use a layout made for this rank, or reshape the tensor' },
      );
    }
  }
  const size = slot
    ? spec.count!
    : Math.min(...binds.map((axis) => axisSize(axis, shape[axis.dim]!)));
  const stored = spec.by ? (spec.by.of ?? 1) : size;
  return {
    name: spec.expr,
    kind: spec.kind,
    binds,
    size,
    ...(spec.kind === 'fixed' && { count: spec.count! }),
    ...(spec.by && { by: spec.by }),
    ordered: spec.ordered ?? spec.kind !== 'fixed',
    unique: spec.unique ?? true,
    width: indexTypeFor(stored, spec.width),
  };
}
