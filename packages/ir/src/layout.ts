// A layout is data: a name, parameters with their ranges, and levels as a function of both and of a
// shape. A format is a layout with its parameters chosen; it prints as `nmg(3,6,4)`.
import { SparseError, nearest } from './error.js';
import { dimName } from './axis.js';
import type { Codec } from './codec.js';
import { resolveLevel, type Level, type LevelSpec } from './level.js';
import type { IndexArray } from './dtype.js';
import { stamp, type Stamp } from './stamp.js';

/** A parameter: a whole number in `min..max`, with a default if it has one. */
export interface Param {
  readonly min: number;
  readonly max: number;
  readonly default?: number;
}

/** A whole-number parameter of a layout. */
export function int(min: number, max: number, defaultValue?: number): Param {
  return { min, max, ...(defaultValue !== undefined && { default: defaultValue }) };
}

export type Shape = readonly number[];
/** Chosen parameters by name. */
export type Params = Readonly<Record<string, number>>;

/** What a layout's `assign` sees: magnitudes of a dense tensor, and where it goes. */
export interface AssignInput {
  readonly params: Params;
  readonly shape: Shape;
  readonly levels: readonly Level[];
  /** |x| in row-major order; what must be kept is > 0. */
  readonly magnitude: Float32Array;
}

/** Coordinates or tables of the levels where storage is a choice, by level name. */
export type Assignment = Readonly<Record<string, IndexArray>>;

/** What `layout({...})` is given. */
export interface LayoutSpec<P extends Record<string, Param>> {
  readonly name: string;
  readonly params?: P;
  /** Number of dimensions that the layout is for; absent: any. */
  readonly rank?: number;
  /** The levels, outermost first. */
  readonly levels: (
    params: { readonly [K in keyof P]: number },
    shape: Shape,
  ) => readonly LevelSpec[];
  /** Says what is wrong with a combination of parameters. */
  readonly refuse?: (params: { readonly [K in keyof P]: number }) => string | undefined;
  /**
   * Completes parameters from the data, such as the width of the widest row, and gives back those that are complete:
   * `index` has the row-major places of the entries, ascending.
   */
  readonly fit?: (
    params: { readonly [K in keyof P]: number },
    shape: Shape,
    index: ArrayLike<number>,
  ) => Params;
  /** Makes the choice that a `slot` level or a stored table leaves open. */
  readonly assign?: (input: AssignInput) => Assignment;
}

/** A layout: callable with its parameters, in the order of `params` or by name, to choose a format. */
export interface Layout {
  (...params: readonly (number | Params)[]): Format;
  readonly layoutName: string;
  /** The copy of this package that made it. */
  readonly ir: Stamp;
  readonly params: Readonly<Record<string, Param>>;
  readonly spec: LayoutSpec<Record<string, Param>>;
}

/** A layout with its parameters chosen, and with the codec that writes its values if there is one. */
export interface Format {
  readonly layout: Layout;
  readonly params: Params;
  readonly codec?: Codec;
}

/** A format, or a layout whose parameters all have defaults. */
export type FormatLike = Format | Layout;

/**
 * Defines a layout.
 *
 * @throws SparseError `format` where a parameter is missing, unknown, not whole or out of range.
 * @example
 * ```ts
 * import { int, layout, level, printFormat } from '@lacuna/ir';
 * const stripes = layout({
 *   name: 'stripes',
 *   params: { width: int(1, 64) },
 *   levels: ({ width }) => [level.compressed(`j/${width}`), level.dense('i'), level.dense(`j%${width}`)],
 * });
 * printFormat(stripes(4)); // 'stripes(4)'
 * ```
 */
export function layout<P extends Record<string, Param> = Record<never, Param>>(
  spec: LayoutSpec<P>,
): Layout {
  const params = Object.freeze({ ...spec.params });
  const made: Layout = Object.freeze(
    Object.assign(
      (...given: readonly (number | Params)[]): Format =>
        Object.freeze({
          layout: made,
          params: choose(spec as LayoutSpec<Record<string, Param>>, given),
        }),
      {
        layoutName: spec.name,
        ir: stamp,
        params,
        spec: Object.freeze(spec) as LayoutSpec<Record<string, Param>>,
      },
    ),
  );
  return made;
}

function choose(
  spec: LayoutSpec<Record<string, Param>>,
  given: readonly (number | Params)[],
): Params {
  const ranges = spec.params ?? {};
  const names = Object.keys(ranges);
  const usage = `write ${spec.name}(${names.map((n) => `${n}: ${ranges[n]!.min}..${ranges[n]!.max}`).join(', ')})`;
  const refuse = (why: string): never => {
    throw new SparseError('format', `layout ${spec.name} ${why}`, {
      hint: usage,
      detail: { given },
    });
  };
  const chosen: Record<string, number> = {};
  given.forEach((item, at) => {
    if (typeof item === 'number')
      chosen[
        names[at] ?? refuse(`takes ${names.length} parameters, and ${given.length} were given`)
      ] = item;
    else Object.assign(chosen, item);
  });
  for (const name of Object.keys(chosen)) {
    if (!names.includes(name))
      refuse(`has no parameter "${name}" (nearest: ${nearest(name, names) ?? 'none'})`);
  }
  for (const name of names) {
    const { min, max, default: fallback } = ranges[name]!;
    const value = (chosen[name] ??= fallback ?? refuse(`needs parameter ${name}`));
    if (!Number.isInteger(value) || value < min || value > max)
      refuse(`was given ${name} = ${value}, outside ${min}..${max}`);
  }
  const wrong = spec.refuse?.(chosen);
  if (wrong !== undefined)
    refuse(`was given ${names.map((n) => `${n} = ${chosen[n]}`).join(', ')}: ${wrong}`);
  return Object.freeze(chosen);
}

const resolved = new WeakMap<Format, Map<string, readonly Level[]>>();

/** The levels of a format for a shape, outermost first. */
export function levelsOf(format: Format, shape: Shape): readonly Level[] {
  const { spec } = format.layout;
  const key = shape.join('x');
  let byShape = resolved.get(format);
  if (!byShape) resolved.set(format, (byShape = new Map()));
  let levels = byShape.get(key);
  if (!levels) {
    if (spec.rank !== undefined && spec.rank !== shape.length) {
      throw new SparseError(
        'shape',
        `layout ${spec.name} is for ${spec.rank} dimensions, and the shape is [${shape.join(', ')}]`,
        { hint: 'reshape the tensor first' },
      );
    }
    levels = Object.freeze(
      spec.levels(format.params, shape).map((l) => Object.freeze(resolveLevel(l, shape))),
    );
    refuseUnnamed(spec.name, levels, shape);
    refuseLost(spec.name, levels);
    byShape.set(key, levels);
  }
  return levels;
}

/** Entries that differ only in a dimension that no level names would be one. */
function refuseUnnamed(name: string, levels: readonly Level[], shape: Shape): void {
  const named = new Set(levels.flatMap((l) => l.binds.map((axis) => axis.dim)));
  const dim = shape.findIndex((_, d) => !named.has(d));
  if (dim < 0) return;
  throw new SparseError(
    'shape',
    `layout ${name} has no level for dimension ${dimName(dim)} of [${shape.join(', ')}]`,
    { detail: { shape, dim }, hint: 'use a layout made for this rank, or reshape the tensor' },
  );
}

/** A diagonal says where an entry is only together with the range that runs along it. */
function refuseLost(name: string, levels: readonly Level[]): void {
  levels.forEach((level, k) => {
    const line = level.binds.some((axis) => axis.minus !== undefined);
    const runs = levels.some((other, at) => at > k && other.along === level.name);
    const outer = levels.slice(0, k).find((other) => other.name === level.along);
    const lost = level.kind === 'range' && outer?.binds[0]?.minus === undefined;
    if (line === runs && !lost) return;
    throw new SparseError(
      'format',
      `layout ${name} has a diagonal without its range, or a range without its diagonal, at level ${level.name}`,
      { hint: "write level.compressed('j-i'), and below it level.range('i', 'j-i')" },
    );
  });
}

/**
 * Whether a layout can hold any pattern of entries without dropping one. Only such layouts may be the
 * target of an automatic conversion.
 */
export function holdsAny(format: Format, shape: Shape): boolean {
  return levelsOf(format, shape).every(
    (l) => l.kind === 'range' || (l.kind !== 'fixed' && l.kind !== 'slot' && l.binds.length === 1),
  );
}
