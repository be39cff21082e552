// From numbers or entries to storage in a format: the way in for every layout.
import { formatOf, quantised } from './format.js';
import { encodeValues, type DType } from './dtype.js';
import { encoded } from './encoded.js';
import { denseFormat, isDense } from './dense.js';
import { SparseError } from './error.js';
import { levelsOf, type Format, type FormatLike, type Shape } from './layout.js';
import { checkShape, makePattern, sizeOf, type Pattern } from './pattern.js';
import { makeTensor, type Tensor } from './tensor.js';
import { ascending } from './ascending.js';
import { assign } from './assign.js';
import { build } from './build.js';
import type { Entries } from './entries.js';

/** What {@link assemble} may be told. */
export interface AssembleOptions {
  /** Default float32; a codec's numbers are always that. */
  readonly dtype?: DType;
  /** Which coordinates to store, one byte each; absent: those that are not zero. */
  readonly kept?: Uint8Array | undefined;
}

/**
 * Stores row-major `numbers` in a format: the entries that are not zero, or those that `kept` marks.
 *
 * @throws SparseError `lossy` where the format cannot hold an entry; `shape` where lengths differ.
 * @example
 * ```ts
 * import { assemble, int, layout, level } from '@lacuna/ir';
 * const csr = layout({ name: 'csr', levels: () => [level.dense('i'), level.compressed('j')] });
 * assemble(csr, [2, 3], [0, 5, 0, 0, 0, 7]).values; // Float32Array [5, 7]
 * ```
 */
export function assemble(
  like: FormatLike,
  shape: Shape,
  numbers: ArrayLike<number>,
  options: AssembleOptions = {},
): Tensor {
  checkShape(shape);
  const format = formatOf(like);
  if (format.codec)
    return encoded(
      assemble(quantised(format), shape, numbers, { kept: options.kept }),
      format.codec,
    );
  const size = sizeOf(shape);
  if (numbers.length !== size)
    throw new SparseError(
      'shape',
      `[${shape.join(', ')}] has ${size} elements, and ${numbers.length} numbers were given`,
    );
  const { dtype = 'float32', kept } = options;
  if (kept && kept.length !== size)
    throw new SparseError(
      'shape',
      `the mask of kept entries has ${kept.length} bytes, and the tensor ${size} elements`,
    );
  if (isDense(format)) {
    const masked = kept ? Float64Array.from(numbers, (x, at) => (kept[at] ? x : 0)) : numbers;
    return makeTensor(densePattern(shape), dtype, encodeValues(dtype, masked));
  }
  return fromEntries(format, entriesIn(numbers, shape, kept), dtype);
}

/** The entries of row-major numbers: those that are not zero, or those that `kept` marks. */
function entriesIn(
  numbers: ArrayLike<number>,
  shape: Shape,
  kept: Uint8Array | undefined,
): Entries {
  if (numbers instanceof Float32Array && !kept && numbers.length < 2 ** 32)
    return nonZero(numbers, shape);
  let count = 0;
  for (let at = 0; at < numbers.length; at++) {
    if (kept ? kept[at] !== 0 : numbers[at] !== 0) count++;
  }
  const index = numbers.length > 2 ** 32 ? new Float64Array(count) : new Uint32Array(count);
  const values = new Float64Array(count);
  for (let at = 0, e = 0; at < numbers.length; at++) {
    if (kept ? kept[at] === 0 : numbers[at] === 0) continue;
    index[e] = at;
    values[e++] = numbers[at]!;
  }
  return { shape, index, values };
}

/** The entries that are not zero, without a branch on the numbers: nothing foresees where they are. */
function nonZero(numbers: Float32Array, shape: Shape): Entries {
  const bits = new Int32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  let count = 0;
  for (let at = 0; at < bits.length; at++) {
    const b = bits[at]! << 1; // without its sign, since -0 is zero
    count += (b | -b) >>> 31;
  }
  // One place more, for what is written and not kept.
  const [index, found] = [new Uint32Array(count + 1), new Int32Array(count + 1)];
  for (let at = 0, e = 0; at < bits.length; at++) {
    index[e] = at;
    found[e] = bits[at]!;
    const b = bits[at]! << 1;
    e += (b | -b) >>> 31;
  }
  const values = new Float32Array(found.buffer, 0, count);
  return { shape, index: index.subarray(0, count), values };
}

const densePatterns = new Map<string, Pattern>();

/** The pattern of a dense tensor: one object for each of the shapes last asked for. */
export function densePattern(shape: Shape): Pattern {
  const key = shape.join();
  let pattern = densePatterns.get(key);
  if (!pattern) {
    pattern = makePattern(denseFormat, shape, []);
    if (densePatterns.size >= 4096) densePatterns.clear();
    densePatterns.set(key, pattern);
  }
  return pattern;
}

/**
 * Stores entries in a format.
 *
 * @throws SparseError `lossy` where the format cannot hold an entry.
 */
export function fromEntries(like: FormatLike, entries: Entries, dtype: DType = 'float32'): Tensor {
  const { codec } = formatOf(like);
  if (codec) return encoded(fromEntries(quantised(like), entries), codec);
  const format = fitted(formatOf(like), entries);
  const rows = ascending(format, entries, dtype);
  if (rows) return rows;
  const levels = levelsOf(format, entries.shape);
  const chooses = levels.some((l) => l.kind === 'slot' || l.by !== undefined);
  return chooses ? assign(format, entries, dtype) : build(format, levels, entries, dtype);
}

function fitted(format: Format, { index, shape }: Entries): Format {
  const { spec } = format.layout;
  return spec.fit ? format.layout(spec.fit(format.params, shape, index)) : format;
}
