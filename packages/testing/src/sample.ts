// Random tensors of a layout: parameters, a shape that it takes, numbers that it can hold.
import {
  assemble,
  flatIndex,
  holdsAny,
  levelsOf,
  makeTensor,
  encodeValues,
  outside,
  printFormat,
  sizeOf,
  SparseError,
  type DType,
  type ErrorCode,
  type Format,
  type FormatLike,
  type Shape,
  type Tensor,
} from '@lacuna/ir';
import { claim } from './law.js';
import { densityFor, randomNumbers } from './numbers.js';
import type { Random } from './random.js';

/** A format with a shape that it takes. */
export interface Place {
  readonly format: Format;
  readonly shape: Shape;
}

/** A tensor, and in words what it is. */
export interface Sample extends Place {
  readonly dtype: DType;
  readonly tensor: Tensor;
  readonly words: string;
}

/** Random parameters of a layout (a format keeps its own), and a shape for them. */
export function randomPlace(random: Random, like: FormatLike, rank?: number): Place {
  for (let attempt = 0; attempt < 200; attempt++) {
    const format = unless(['format'], () => randomFormat(random, like));
    if (!format) continue;
    const dims = rank ?? format.layout.spec.rank ?? random.pick([1, 2, 2, 2, 3, 4]);
    const shape = Array.from({ length: dims }, () => random.extent());
    if (sizeOf(shape) > 3000 || !unless(['shape'], () => levelsOf(format, shape))) continue;
    return { format, shape };
  }
  claim(false, () => `no parameters and shape were found that ${nameOf(like)} takes`);
}

/** Random parameters with which a layout takes `shape`; undefined where none were found. */
export function placeIn(random: Random, like: FormatLike, shape: Shape): Place | undefined {
  for (let attempt = 0; attempt < 40; attempt++) {
    const format = unless(['format'], () => randomFormat(random, like));
    if (format && unless(['shape'], () => levelsOf(format, shape))) return { format, shape };
  }
  return undefined;
}

/** What `make` gives, or nothing where it refuses for a reason that other parameters or shapes answer. */
function unless<T>(codes: readonly ErrorCode[], make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof SparseError && codes.includes(error.code)) return undefined;
    throw error;
  }
}

function randomFormat(random: Random, like: FormatLike): Format {
  if (typeof like !== 'function') return like;
  const params = Object.entries(like.params).map(([name, { min, max, default: usual }]) => {
    const value = usual !== undefined && random.chance(0.6) ? usual : min;
    if (value === usual) return [name, value] as const;
    // The least is the special case of many kernels.
    return [name, random.chance(1 / 3) ? min : random.whole(min, Math.min(max, min + 5))] as const;
  });
  return like(Object.fromEntries(params));
}

const nameOf = (like: FormatLike): string =>
  typeof like === 'function' ? like.layoutName : printFormat(like);

/** A tensor that its format can hold, with as many entries as it happens to have room for. */
export function randomSample(
  random: Random,
  like: FormatLike,
  options: { readonly dtypes?: readonly DType[]; readonly rank?: number } = {},
): Sample {
  const place = randomPlace(random, like, options.rank);
  const dtype = random.pick(
    options.dtypes ?? (['float32', 'float64', 'int32', 'float16', 'bfloat16'] as const),
  );
  const tensor = randomTensor(random, place, dtype);
  return { ...place, dtype, tensor, words: tensor.toString() };
}

/** Random numbers in a format: any, where it holds any; else ones that fit. */
export function randomTensor(
  random: Random,
  { format, shape }: Place,
  dtype: DType = 'float32',
  specials = false,
): Tensor {
  const density = densityFor(random);
  if (holdsAny(format, shape)) {
    const numbers = randomNumbers(random, sizeOf(shape), { density, dtype, specials });
    return assemble(format, shape, numbers, { dtype });
  }
  const { pattern } = assemble(format, shape, fitting(random, format, shape), { dtype });
  const numbers = randomNumbers(random, pattern.positions.at(-1) ?? 1, {
    density,
    dtype,
    specials,
  });
  flatIndex(pattern).forEach((flat, position) => {
    if (flat === outside) numbers[position] = 0;
  });
  return makeTensor(pattern, dtype, encodeValues(dtype, numbers));
}

/** Ones at random places that a format holds together. */
function fitting(random: Random, format: Format, shape: Shape): Float64Array {
  const numbers = new Float64Array(sizeOf(shape));
  const holds = (): boolean => {
    try {
      assemble(format, shape, numbers);
      return true;
    } catch (error) {
      if (error instanceof SparseError && error.code === 'lossy') return false;
      throw error;
    }
  };
  const add = (places: readonly number[]): void => {
    for (const at of places) numbers[at] = 1;
    if (places.length === 0 || holds()) return;
    for (const at of places) numbers[at] = 0;
    if (places.length === 1) return;
    add(places.slice(0, places.length >> 1));
    add(places.slice(places.length >> 1));
  };
  add(random.order(numbers.length).slice(0, Math.min(24, Math.ceil(numbers.length / 4))));
  return numbers;
}
