// Numbers as a codec writes them, in one run of bytes, each part at a multiple of four:
//
//     codes  4 or 8 bits a value          q = clamp(round(x/σ) + z, least, most)
//     scales σ, 16 or 32 bits a group     σ = max|x| / (2^(b−1) − 1), or with a zero point (max − min) / (2^b − 1)
//     zeros  z, 4 or 8 bits a group       z = round(−min/σ), so that 0 is exact
//
// Scales are rounded up, so that nothing is clamped: every number is off by at most half a step, σ/2.
import { printCodec, type Codec } from './codec.js';
import { fromFloat16, toFloat16, valueView, type ValueArray } from './dtype.js';
import { SparseError } from './error.js';

interface Parts {
  readonly codes: Uint8Array;
  readonly scales: ValueArray;
  readonly zeros: Uint8Array;
}

const align = (bytes: number): number => Math.ceil(bytes / 4) * 4;

function sizesOf({ bits, group, zero, scale }: Codec, count: number): number[] {
  const groups = Math.ceil(count / group);
  return [
    align(Math.ceil((count * bits) / 8)),
    align(groups * (scale === 'float16' ? 2 : 4)),
    zero ? align(Math.ceil((groups * bits) / 8)) : 0,
  ];
}

/** Bytes that `count` values take. */
export function codecBytes(codec: Codec, count: number): number {
  return sizesOf(codec, count).reduce((sum, bytes) => sum + bytes, 0);
}

function partsOf(codec: Codec, bytes: Uint8Array, count: number): Parts {
  const [first, second, third] = sizesOf(codec, count) as [number, number, number];
  const { buffer, byteOffset } = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  const groups = Math.ceil(count / codec.group);
  return {
    codes: new Uint8Array(buffer, byteOffset, first),
    scales: valueView(codec.scale, buffer, byteOffset + first, groups),
    zeros: new Uint8Array(buffer, byteOffset + first + second, third),
  };
}

const readCode = (codes: Uint8Array, bits: 4 | 8, at: number): number =>
  bits === 8 ? codes[at]! : (codes[at >> 1]! >> ((at & 1) * 4)) & 15;

function writeCode(codes: Uint8Array, bits: 4 | 8, at: number, code: number): void {
  if (bits === 8) codes[at] = code;
  else codes[at >> 1]! |= (code & 15) << ((at & 1) * 4);
}

/** The least scale of its kind that is not below x. */
function scaleAbove(x: number, kind: Codec['scale']): number {
  if (kind === 'float16') {
    const bits = toFloat16(x);
    return fromFloat16(bits) < x ? fromFloat16(bits + 1) : fromFloat16(bits);
  }
  const near = Math.fround(x);
  return near < x ? Math.fround(near + Math.max(near * 2 ** -23, 2 ** -149)) : near;
}

/**
 * Numbers as bytes.
 *
 * @throws SparseError `lossy` for a number that is not finite, or beyond what a scale can say.
 */
export function encodeGroups(codec: Codec, numbers: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const { bits, group, zero } = codec;
  const count = numbers.length;
  const bytes = new Uint8Array(codecBytes(codec, count));
  const { codes, scales, zeros } = partsOf(codec, bytes, count);
  for (let g = 0; g * group < count; g++) {
    const end = Math.min(count, (g + 1) * group);
    let [low, high] = [0, 0];
    for (let at = g * group; at < end; at++) {
      const x = numbers[at]!;
      if (!Number.isFinite(x)) throw refuse(codec, x, at);
      [low, high] = [Math.min(low, x), Math.max(high, x)];
    }
    const steps = zero ? 2 ** bits - 1 : 2 ** (bits - 1) - 1;
    const scale = scaleAbove((zero ? high - low : Math.max(-low, high)) / steps, codec.scale);
    if (!Number.isFinite(scale)) throw refuse(codec, Math.max(-low, high), g * group);
    scales[g] = codec.scale === 'float16' ? toFloat16(scale) : scale;
    if (scale === 0) continue;
    const z = zero ? Math.round(-low / scale) : 0;
    if (zero) writeCode(zeros, bits, g, z);
    for (let at = g * group; at < end; at++) {
      const q = Math.round(numbers[at]! / scale) + z;
      writeCode(codes, bits, at, zero ? Math.min(steps, Math.max(0, q)) : q);
    }
  }
  return bytes;
}

function refuse(codec: Codec, x: number, at: number): SparseError {
  return new SparseError('lossy', `${printCodec(codec)} cannot hold ${x}, at stored value ${at}`, {
    hint: Number.isFinite(x)
      ? "keep its scales in float32: { scale: 'float32' }"
      : 'clean it first',
    detail: { at },
  });
}

/** Bytes as `count` numbers. */
export function decodeGroups(codec: Codec, bytes: Uint8Array, count: number): Float32Array {
  const { bits, group, zero, scale } = codec;
  const { codes, scales, zeros } = partsOf(codec, bytes, count);
  const [half, whole] = [2 ** (bits - 1), 2 ** bits];
  const out = new Float32Array(count);
  for (let g = 0; g * group < count; g++) {
    const step = scale === 'float16' ? fromFloat16(scales[g]!) : scales[g]!;
    const z = zero ? readCode(zeros, bits, g) : 0;
    for (let at = g * group; at < Math.min(count, (g + 1) * group); at++) {
      const code = readCode(codes, bits, at);
      out[at] = (zero ? code - z : code >= half ? code - whole : code) * step;
    }
  }
  return out;
}

/** The step σ of each of `count` stored values: what was written is off by at most half of it. */
export function stepsOf(codec: Codec, bytes: Uint8Array, count: number): Float64Array {
  const { scales } = partsOf(codec, bytes, count);
  const value = (s: number): number => (codec.scale === 'float16' ? fromFloat16(s) : s);
  return Float64Array.from({ length: count }, (_, at) =>
    value(scales[Math.floor(at / codec.group)]!),
  );
}
