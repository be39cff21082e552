// A sparsifier decides which entries of a tensor to keep. It knows magnitudes, not storage; only for
// layouts with a choice (n:m:g) may it also say where the kept entries go.
import { assemble } from './assemble.js';
import { printBackward, printCall, type Backward } from './backward.js';
import { flatIndex, outside, toDense } from './derive.js';
import { encodeValues } from './dtype.js';
import { encoded } from './encoded.js';
import { SparseError } from './error.js';
import type { Format, FormatLike, Shape } from './layout.js';
import { formatOf, printFormat } from './format.js';
import type { Pattern } from './pattern.js';
import type { KeepRule } from './rule.js';
import { makeTensor, type Tensor } from './tensor.js';

/** Row-major numbers that a sparsifier looks at. */
export type Numbers = Float32Array | Float64Array | Int32Array;

/** How much a sparsifier must see: one element, one block, or everything. */
export type SparsifierKind = 'streaming' | 'blocking' | 'materialising';

/**
 * Other numbers of the shape of those that are pruned, by name: a gradient, an optimiser's moment; or one
 * number a column, such as the size of each input.
 */
export type Auxiliary = Readonly<Record<string, Numbers>>;

/** What `sparsifier({...})` is given. */
export interface SparsifierSpec {
  readonly name: string;
  readonly kind: SparsifierKind;
  /** What it was made with, for printing and files. */
  readonly params: Readonly<Record<string, number | string>>;
  /** One byte an element, 1 where it is kept. */
  readonly keep: (numbers: Numbers, shape: Shape, auxiliary?: Auxiliary) => Uint8Array;
  /** What `keep` does, as data, for kernels. */
  readonly rule?: KeepRule;
  /** Names in {@link Auxiliary} that it cannot do without. */
  readonly needs?: readonly string[];
  /** What it orders elements by, the greatest kept; for budgets that several tensors share. */
  readonly score?: (numbers: Numbers, shape: Shape, auxiliary?: Auxiliary) => Numbers;
  /** The same sparsifier, dropping another fraction: for schedules and allocators. */
  readonly at?: (fraction: number) => Sparsifier;
  /** What flows back through it; absent: `'masked'`. */
  readonly backward?: Backward;
  /** How many elements it keeps, if it can say without looking. */
  readonly count?: (shape: Shape) => number;
  /** Where kept entries go, for formats that leave a choice; undefined where the format is not meant. */
  readonly assign?: (numbers: Numbers, shape: Shape, format: Format) => Pattern | undefined;
}

/** A sparsifier with its parameters. */
export interface Sparsifier extends SparsifierSpec {
  /** `magnitude(fraction=0.9)` */
  readonly print: () => string;
}

/** Defines a sparsifier. */
export function sparsifier(spec: SparsifierSpec): Sparsifier {
  const { name, params, backward, needs = [], keep } = spec;
  const all = { ...params, ...(backward && { backward: printBackward(backward) }) };
  return Object.freeze({
    ...spec,
    ...(needs.length > 0 && {
      keep: (numbers: Numbers, shape: Shape, auxiliary: Auxiliary = {}) => {
        checkAuxiliary(name, needs, auxiliary);
        return keep(numbers, shape, auxiliary);
      },
    }),
    print: () => printCall(name, all),
  });
}

function checkAuxiliary(name: string, needs: readonly string[], given: Auxiliary): void {
  const missing = needs.filter((need) => !given[need]);
  if (missing.length === 0) return;
  throw new SparseError(
    'unsupported',
    `${name} needs ${needs.join(' and ')}, and was given ${Object.keys(given).join(' and ') || 'the numbers alone'}`,
    { hint: `pass { ${missing.join(', ')} } beside what is pruned`, detail: { missing } },
  );
}

/**
 * Prunes a host tensor and stores what is kept. This, and nothing else, drops entries.
 *
 * @throws SparseError `lossy` where the format cannot hold what the sparsifier keeps.
 * @example
 * ```ts
 * import { assemble, dense, sparsifier, sparsify, toDense } from '@lacuna/ir';
 * const positive = sparsifier({ name: 'positive', kind: 'streaming', params: {}, keep: (x) => Uint8Array.from(x, (v) => Number(v > 0)) });
 * const t = assemble(dense(), [3], [1, -2, 3]);
 * toDense(sparsify(t, positive, dense)); // Float32Array [1, 0, 3]
 * ```
 */
export function sparsify(
  tensor: Tensor,
  how: Sparsifier,
  like: FormatLike,
  auxiliary?: Auxiliary,
): Tensor {
  const format = formatOf(like);
  const numbers = toDense(tensor);
  const { shape, dtype } = tensor;
  const pattern = how.assign?.(numbers, shape, format);
  if (pattern) {
    const kept = intoPattern(numbers, pattern, format.codec ? 'float32' : dtype);
    return format.codec ? encoded(kept, format.codec) : kept;
  }
  const kept = how.keep(numbers, shape, auxiliary);
  try {
    return assemble(format, shape, numbers, { dtype, kept });
  } catch (cause) {
    if (!(cause instanceof SparseError) || cause.code !== 'lossy') throw cause;
    throw new SparseError(
      'lossy',
      `what ${how.print()} keeps does not fit ${printFormat(format)}`,
      { cause, hint: cause.hint ?? 'use the sparsifier made for this layout' },
    );
  }
}

/**
 * The numbers of a host tensor that a pattern has places for, stored in it; the rest is dropped, and places
 * that the tensor has not are zero: how an optimiser's moments follow a weight to another pattern.
 *
 * @throws SparseError `shape` where the shapes differ.
 * @example
 * ```ts
 * import { assemble, dense, restricted } from '@lacuna/ir';
 * import { csr } from '@lacuna/layouts';
 * const { pattern } = assemble(csr, [1, 3], [1, 0, 1]);
 * restricted(assemble(dense, [1, 3], [5, 6, 7]), pattern).values; // Float32Array [5, 7]
 * ```
 */
export function restricted(tensor: Tensor, pattern: Pattern): Tensor {
  if (tensor.shape.join() !== pattern.shape.join())
    throw new SparseError(
      'shape',
      `${tensor.toString()} was to be stored at the places of a tensor of [${pattern.shape.join(', ')}]`,
    );
  return intoPattern(toDense(tensor), pattern, tensor.dtype);
}

/** The numbers that a pattern has a place for, stored in it; the rest is dropped. */
function intoPattern(numbers: Numbers, pattern: Pattern, dtype: Tensor['dtype']): Tensor {
  const index = flatIndex(pattern);
  const values = new Float64Array(index.length);
  for (let p = 0; p < index.length; p++) if (index[p] !== outside) values[p] = numbers[index[p]!]!;
  return makeTensor(pattern, dtype, encodeValues(dtype, values));
}

/** Σ|kept| / Σ|all|: how much of a tensor's magnitude a sparsified copy preserves (1 for an empty one). */
export function preservedMagnitude(before: Tensor, after: Tensor): number {
  const sum = (t: Tensor): number => {
    let total = 0;
    for (const x of toDense(t)) total += Math.abs(x);
    return total;
  };
  const all = sum(before);
  return all === 0 ? 1 : sum(after) / all;
}
