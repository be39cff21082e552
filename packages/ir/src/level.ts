// A level is one step from the root of a tensor's storage to its values. It binds coordinates of the
// tensor's dimensions through expressions such as `i`, `i/4`, `i%4`, `i/4%2`; several levels may bind
// parts of one dimension, and then   coordinate(dimension) = Σ (level coordinate · divisor).
import { axisSize, dimName, parseAxis, type Axis } from './axis.js';
import { indexTypeFor, type IndexType } from './dtype.js';
import { SparseError } from './error.js';

/** How a level expands a position; see the table in `docs/architecture.md`. */
export type LevelKind =
  | 'dense'
  | 'compressed'
  | 'singleton'
  | 'bitmask'
  | 'masked'
  | 'fixed'
  | 'slot'
  | 'range';

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
  /** For `compressed`: `crd` holds how many coordinates were passed over since the one before. */
  readonly delta?: true;
  /** For `range`: the outer level whose diagonal it runs along. */
  readonly along?: string;
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
  readonly delta?: boolean;
  readonly along?: string;
  readonly unique?: boolean;
  readonly ordered?: boolean;
  /** The narrowest width allowed for coordinates. */
  readonly width?: IndexType;
}

/** What a maker of levels may be told beside the expression. */
export type LevelOptions = Partial<
  Pick<LevelSpec, 'unique' | 'ordered' | 'width' | 'by' | 'delta'>
>;

/**
 * Makers of levels. An expression names dimensions `i j k l` (or `d0 d1 …`), each with an optional
 * divisor and remainder; `'i=j'` binds both at once, and `'j-i'` names a diagonal.
 *
 * @example
 * ```ts
 * import { level } from '@lacuna/ir';
 * level.compressed('j/4').expr; // 'j/4'
 * ```
 */
export const level = {
  /** Every coordinate in order, or in the order that a table says; stores nothing else. */
  dense: (expr: string, options: Pick<LevelOptions, 'by'> = {}): LevelSpec => ({
    kind: 'dense',
    expr,
    ...options,
  }),
  /** `pos[p] .. pos[p+1]`, coordinates in `crd`, or with `delta` the gaps between them. */
  compressed: (expr: string, options: LevelOptions = {}): LevelSpec => ({
    kind: 'compressed',
    expr,
    width: options.delta ? 'uint8' : 'uint16',
    ...options,
  }),
  /** One coordinate a position, in `crd`. */
  singleton: (expr: string, options: LevelOptions = {}): LevelSpec => ({
    kind: 'singleton',
    expr,
    width: 'uint16',
    ...options,
  }),
  /** One bit a coordinate, and positions for those that are set. */
  bitmask: (expr: string): LevelSpec => ({ kind: 'bitmask', expr }),
  /** One bit a coordinate, and a position for each: what is not set has room, and is passed over. */
  masked: (expr: string): LevelSpec => ({ kind: 'masked', expr }),
  /** The part of dimension `expr` where the diagonal that `along` names is inside the shape. */
  range: (expr: string, along: string): LevelSpec => ({ kind: 'range', expr, along }),
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

/** Fills in a spec's axes, size and coordinate width for a shape. */
export function resolveLevel(spec: LevelSpec, shape: readonly number[]): Level {
  const slot = spec.kind === 'slot';
  const binds = slot ? [] : axesOf(spec);
  for (const { dim, minus = dim } of binds) {
    const missing = Math.max(dim, minus);
    if (missing >= shape.length) {
      throw new SparseError(
        'shape',
        `level "${spec.expr}" needs dimension ${dimName(missing)}, and the tensor has ${shape.length}`,
        { detail: { shape }, hint: 'use a layout made for this rank, or reshape the tensor' },
      );
    }
  }
  const size = slot ? spec.count! : Math.min(...binds.map((axis) => axisSize(axis, shape)));
  const stored = spec.by && spec.kind !== 'dense' ? (spec.by.of ?? 1) : size;
  return {
    name: spec.expr,
    kind: spec.kind,
    binds,
    size,
    ...(spec.kind === 'fixed' && { count: spec.count! }),
    ...(spec.by && { by: spec.by }),
    ...(spec.delta && { delta: true }),
    ...(spec.along !== undefined && { along: spec.along }),
    ordered: spec.ordered ?? (spec.kind !== 'fixed' && !spec.by),
    unique: spec.unique ?? true,
    width: spec.delta ? (spec.width ?? 'uint8') : indexTypeFor(stored, spec.width),
  };
}

/** What a level binds; a range moves along a diagonal, and so binds both of its dimensions. */
function axesOf({ kind, expr, along, delta, unique }: LevelSpec): Axis[] {
  const axes = expr.split('=').map(parseAxis);
  const refuse = (why: string, hint: string): never => {
    throw new SparseError('format', `level "${expr}" ${why}`, { hint });
  };
  if (delta && (kind !== 'compressed' || unique === false))
    refuse('is stored as gaps', 'only compressed levels whose coordinates are unique can be');
  if (kind !== 'range') return axes;
  const [line] = along === undefined ? [] : along.split('=').map(parseAxis);
  if (line?.minus === undefined || line.minus !== axes[0]!.dim)
    refuse(`runs along "${along}"`, "write level.range('i', 'j-i') below a level 'j-i'");
  return [axes[0]!, { dim: line!.dim, div: 1, mod: 0 }];
}
