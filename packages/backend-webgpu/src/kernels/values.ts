// Values as they are stored, decoded as they are read: float32, 16 bits two a word, or the codes of a codec with
// a scale, and perhaps a zero point, for each group of stored values. Arithmetic is float32 throughout.
//
//   q8(32)   w  [ codes, 4 a word | scales, 2 a word | zeros, 4 a word ]     v = (code − zero)·scale
//
//            bytes of W: 2 a value in 16 bits, 1 or ½ in codes, and 2/group for scales. Four values from a multiple
//            of four on are one or two words, and one scale where groups are whole fours.
import { byteWidth, codecBytes, printCodec, type Codec, type OperandType } from '@lacuna/ir';
import type { Buffer } from '../program.js';

/** How a program reads values of one kind. */
export interface Values {
  /** Distinguishes programs. */
  readonly key: string;
  readonly buffer: Buffer;
  /** Names of further parameters: {@link valueParams} has their numbers. */
  readonly params: readonly string[];
  readonly head: string;
  /** WGSL of value q. */
  readonly value: (q: string) => string;
  /** WGSL of values 4v to 4v + 3. */
  readonly four: (v: string) => string;
}

type Kind = Pick<OperandType, 'dtype' | 'format'>;

/** The words where scales and zeros start, for values in a codec. */
export function valueParams({ format: { codec }, stored }: OperandType): readonly number[] {
  if (!codec) return [];
  const codes = codecBytes({ ...codec, zero: false }, stored);
  const scales = Math.ceil((stored * codec.bits) / 8 / 4);
  return [scales, codes / 4];
}

/** Bytes that the values of an operand take. */
export function valueBytes({ format: { codec }, dtype, stored }: OperandType): number {
  return codec ? codecBytes(codec, stored) : stored * byteWidth(dtype);
}

/** Types that {@link valuesOf} reads. */
export function isRead({ dtype }: Pick<OperandType, 'dtype'>): boolean {
  return dtype === 'float32' || dtype === 'float16' || dtype === 'bfloat16';
}

/**
 * How the values of an operand are read from a buffer `name`; `fours`: mostly by fours, so that a float32 buffer is
 * seen in vectors.
 */
export function valuesOf({ dtype, format: { codec } }: Kind, fours: boolean, name = 'w'): Values {
  if (codec) return coded(codec, name);
  switch (dtype) {
    case 'float16':
      return halves(dtype, name, {
        one: 'unpack2x16float(word)[q & 1u]',
        four: 'vec4f(unpack2x16float(words.x), unpack2x16float(words.y))',
      });
    case 'bfloat16':
      return halves(dtype, name, {
        one: 'bitcast<f32>(select(word << 16u, word & 0xffff0000u, (q & 1u) == 1u))',
        four: 'bitcast<vec4f>((words.xxyy << vec4u(16u, 0u, 16u, 0u)) & vec4u(0xffff0000u))',
      });
    default:
      return plain(fours, name);
  }
}

function plain(fours: boolean, name: string): Values {
  return {
    key: fours ? 'fours' : '',
    buffer: { name, type: fours ? 'array<vec4f>' : 'array<f32>' },
    params: [],
    head: '',
    value: (q) => (fours ? `${name}[(${q}) / 4u][(${q}) % 4u]` : `${name}[${q}]`),
    four: (v) =>
      fours
        ? `${name}[${v}]`
        : `vec4f(${[0, 1, 2, 3].map((i) => `${name}[(${v}) * 4u + ${i}u]`).join(', ')})`,
  };
}

const read = (name: string): Pick<Values, 'value' | 'four'> => ({
  value: (q) => `${name}Value(${q})`,
  four: (v) => `${name}Four(${v})`,
});

function halves(key: string, name: string, code: Readonly<Record<'one' | 'four', string>>): Values {
  return {
    key,
    buffer: { name, type: 'array<vec2u>' },
    params: [],
    head: `
fn ${name}Value(q: u32) -> f32 {
  let word = ${name}[q >> 2u][(q >> 1u) & 1u];
  return ${code.one};
}
fn ${name}Four(v: u32) -> vec4f {
  let words = ${name}[v];
  return ${code.four};
}
`,
    ...read(name),
  };
}

/** Codes are numbers of both signs, or from 0 where there is a zero point. */
function coded(codec: Codec, name: string): Values {
  const { bits, group, zero, scale } = codec;
  const [shift, mask] = bits === 8 ? [2, 3] : [3, 7];
  const code = (q: string, start: string, type: 'i32' | 'u32'): string =>
    `f32(extractBits(${type}(${name}[${start}(${q} >> ${shift}u)]), (${q} & ${mask}u) * ${bits}u, ${bits}u))`;
  const whole = group % 4 === 0;
  const each = (line: (i: number) => string): string =>
    `vec4f(${[0, 1, 2, 3].map(line).join(', ')})`;
  /** Scales or zeros of the values of a four: one where groups are whole fours. */
  const ofFour = (what: string): string =>
    whole ? `${what}(v / ${group / 4}u)` : each((i) => `${what}((v * 4u + ${i}u) / ${group}u)`);
  const word = bits === 8 ? `${name}[v]` : `extractBits(${name}[v >> 1u], (v & 1u) * 16u, 16u)`;
  const places = [1, 2, 3, 4].map((i) => `${32 - bits * i}u`).join(', ');
  const type = zero ? 'u32' : 'i32';
  return {
    key: printCodec(codec),
    buffer: { name, type: 'array<u32>' },
    params: [`${name}Scales`, `${name}Zeros`],
    head: `${scale === 'float32' ? wholeScale(name) : halfScale(name)}
${zero ? `fn ${name}Zero(g: u32) -> f32 { return ${code('g', `p.${name}Zeros + `, 'u32')}; }` : ''}
fn ${name}Value(q: u32) -> f32 {
  let code = ${code('q', '', type)};
  let g = q / ${group}u;
  return ${zero ? `(code - ${name}Zero(g))` : 'code'} * ${name}Scale(g);
}
fn ${name}Four(v: u32) -> vec4f {
  let word = ${word};
  let codes = vec4f((vec4<${type}>(${type}(word)) << vec4u(${places})) >> vec4u(${32 - bits}u));
  return ${zero ? `(codes - ${ofFour(`${name}Zero`)})` : 'codes'} * ${ofFour(`${name}Scale`)};
}
`,
    ...read(name),
  };
}

const wholeScale = (name: string): string => `
fn ${name}Scale(g: u32) -> f32 { return bitcast<f32>(${name}[p.${name}Scales + g]); }`;

/** Exact also below the least normal half, which `unpack2x16float` may take for zero: scales are often there. */
const halfScale = (name: string): string => `
fn ${name}Scale(g: u32) -> f32 {
  let bits = extractBits(${name}[p.${name}Scales + (g >> 1u)], (g & 1u) * 16u, 16u);
  return select(f32(bits) * 0x1p-24f, bitcast<f32>((bits << 13u) + 0x38000000u), bits >= 1024u);
}`;
