// What numbers the loops of a product compute with: 32 bits, or 16 where W has 16 and the device has `shader-f16`.
//
//   float32    a = w·x + a
//   float16    h = fl16(w·x + h)   for the entries of a block, then   a = h + a   in float32,   h = 0
//
//            float16: x is rounded to 16 bits once, as it is laid out. A product and a sum are rounded together or one
//            after the other, up or down, as WGSL leaves open: at most 2⁻¹⁰ of the result each. A block ends at every
//            16th entry, so that few roundings meet, and one conversion and addition of 32 bits come to 16 multiply-adds.
//            A card makes two of these of 16 bits in the time of one of 32, and x is half the bytes.
//            The emulated form has the same roundings by `quantizeToF16`, for devices without the feature: for tests.
import type { OperandType } from '@lacuna/ir';
import type { Extension } from '../program.js';
import { valuesOf, type Values } from './values.js';

/** How a loop multiplies and adds. */
export interface Arithmetic {
  /** Distinguishes programs. */
  readonly key: string;
  readonly enable?: Extension;
  /** WGSL types of four numbers: in registers, and in the buffer of x. */
  readonly four: string;
  readonly stored: string;
  readonly values: (w: OperandType, fours: boolean) => Values;
  /** WGSL of a vector of x as it is loaded. */
  readonly load: (x: string) => string;
  /** WGSL of  sum = w·x + sum. */
  readonly add: (w: string, x: string, sum: string) => string;
  /** WGSL that these call. */
  readonly head?: string;
  /** Sums that lie before the sums a: their letter; absent: there are none. */
  readonly partial?: string;
}

/** Entries of a block of sums in 16 bits; and of the longest, where a row begins beside a multiple of four. */
export const block = 16;
export const longest = block + 3;

/** 32 bits throughout. */
export const float32: Arithmetic = {
  key: '',
  four: 'vec4f',
  stored: 'vec4f',
  values: valuesOf,
  load: (x) => x,
  add: (w, x, sum) => `fma(vec4f(${w}), ${x}, ${sum})`,
};

const halves: Values = {
  key: 'halves',
  buffer: { name: 'w', type: 'array<vec4h>' },
  params: [],
  head: '',
  value: (q) => `w[(${q}) / 4u][(${q}) % 4u]`,
  four: (v) => `w[${v}]`,
};

/** 16 bits, sums by blocks. */
export const float16: Arithmetic = {
  key: 'float16',
  enable: 'f16',
  four: 'vec4h',
  stored: 'vec4h',
  values: () => halves,
  load: (x) => x,
  add: (w, x, sum) => `fma(vec4h(${w}), ${x}, ${sum})`,
  partial: 'h',
};

/** The same numbers without the feature. */
export const emulated: Arithmetic = {
  key: 'emulated',
  four: 'vec4f',
  stored: 'vec2u',
  values: valuesOf,
  head: `
fn halfFour(words: vec2u) -> vec4f {
  return vec4f(unpack2x16float(words.x), unpack2x16float(words.y));
}`,
  load: (x) => `halfFour(${x})`,
  add: (w, x, sum) => `quantizeToF16(fma(vec4f(${w}), ${x}, ${sum}))`,
  partial: 'h',
};
