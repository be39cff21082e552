// Storage for layouts with a choice (a slot, a table): the layout's `assign` says where entries go, and
// their values are looked up by walking the result.
import { encodeValues, type DType } from './dtype.js';
import { build } from './build.js';
import { lossy, type Entries } from './entries.js';
import { SparseError } from './error.js';
import { levelsOf, type Format, type Shape } from './layout.js';
import { printFormat } from './format.js';
import type { LevelKind } from './level.js';
import { makePattern, sizeOf, valueCount, type BufferInput, type Pattern } from './pattern.js';
import { makeTensor, type Tensor } from './tensor.js';
import { walkFlat } from './walk.js';

/** Stores entries in a format that leaves a choice, which its layout makes. */
export function assign(format: Format, entries: Entries, dtype: DType): Tensor {
  const { shape, index, values } = entries;
  const magnitude = new Float32Array(sizeOf(shape));
  // An entry that is stored though its value is zero or not a number still wants its place.
  for (let e = 0; e < index.length; e++)
    magnitude[index[e]!] = Math.max(Math.abs(values[e]!) || 0, 2 ** -149);
  const pattern = assignedPattern(format, shape, magnitude);
  return fillPattern(pattern, entries, dtype);
}

/** Kinds of levels that list what is stored, and so follow from the entries. */
const lists: ReadonlySet<LevelKind> = new Set(['compressed', 'singleton', 'bitmask', 'masked']);

/**
 * The pattern that a layout with a choice makes for given magnitudes (row-major, > 0 where an entry
 * should be kept).
 *
 * @throws SparseError `plugin` where the layout has a choice and no `assign`.
 */
export function assignedPattern(format: Format, shape: Shape, magnitude: Float32Array): Pattern {
  const levels = levelsOf(format, shape);
  const assignment =
    format.layout.spec.assign?.({ params: format.params, shape, levels, magnitude }) ?? {};
  const inputs = Object.entries(assignment).map(([name, data]): BufferInput => {
    const named = levels.findIndex((l) => l.name === name);
    const level = named < 0 ? levels.findIndex((l) => l.by?.name === name) : named;
    if (level < 0)
      throw new SparseError(
        'plugin',
        `assign of ${printFormat(format)} names a level "${name}" that it does not have`,
        { detail: { levels: levels.map((l) => l.name) } },
      );
    const { by } = levels[level]!;
    const table = named < 0 || (by !== undefined && !by.data && by.of === undefined);
    return { level, role: table ? 'table' : 'crd', data };
  });
  if (!levels.some((l) => lists.has(l.kind))) return makePattern(format, shape, inputs);
  const kept: number[] = [];
  magnitude.forEach((size, flat) => size > 0 && kept.push(flat));
  const entries = { shape, index: Uint32Array.from(kept), values: kept };
  return build(format, levels, entries, 'float32', inputs).pattern;
}

/**
 * Values for a pattern from entries, zero where no entry is given. Entries without a place are refused,
 * or dropped where a person asked for that.
 *
 * @throws SparseError `lossy` where an entry that is not zero has no place in the pattern.
 */
export function fillPattern(
  pattern: Pattern,
  entries: Entries,
  dtype: DType = 'float32',
  others: 'refuse' | 'drop' = 'refuse',
): Tensor {
  const { shape, index, values } = entries;
  const size = sizeOf(shape);
  const numbers = new Float64Array(valueCount(pattern));
  const place = size > 2 ** 26 ? new Map<number, number>() : undefined;
  const where = place ? undefined : new Int32Array(size);
  walkFlat(pattern, (flat, position) => {
    if (where) where[flat] = position + 1;
    else place!.set(flat, position + 1);
  });
  for (let e = 0; e < index.length; e++) {
    const position = where ? where[index[e]!]! : (place!.get(index[e]!) ?? 0);
    if (position > 0) numbers[position - 1] = values[e]!;
    else if (values[e] !== 0 && others === 'refuse')
      throw lossy(pattern.format, index[e]!, shape, 'it has no place in the pattern');
  }
  return makeTensor(pattern, dtype, encodeValues(dtype, numbers));
}
