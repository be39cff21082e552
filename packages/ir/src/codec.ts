// A codec is how stored values are written: the third of the three choices, beside where entries are and how
// their coordinates are kept. It is data, so that it goes with any layout and into any file.
//
//     csr+q8(32)       values of csr, 32 stored ones after another share a scale:  x ≈ q·σ
//     bcsr(1,16)+q4(16,zero)      a scale and a zero point for each block of 16:   x ≈ (q − z)·σ
import { SparseError } from './error.js';

/** Integers of a few bits, in groups of stored values that share a scale. */
export interface Codec {
  readonly bits: 4 | 8;
  /** Stored values in a group. */
  readonly group: number;
  /** Groups have a zero point too: for numbers that lie to one side of 0. */
  readonly zero: boolean;
  /** How scales are kept. */
  readonly scale: 'float16' | 'float32';
}

/** What {@link q8} and {@link q4} may be told; by default no zero point, and scales in float16. */
export type CodecOptions = Partial<Pick<Codec, 'zero' | 'scale'>>;

function codec(bits: 4 | 8, group: number, options: CodecOptions): Codec {
  if (!(Number.isInteger(group) && group >= 1 && group <= 65536))
    throw new SparseError('format', `q${bits} was given groups of ${group}, outside 1..65536`, {
      hint: `write q${bits}(32)`,
    });
  const { zero = false, scale = 'float16' } = options;
  return Object.freeze({ bits, group, zero, scale });
}

/**
 * Eight bits a value, in groups.
 *
 * @throws SparseError `format` for a group that is no whole number from 1 to 65536.
 * @example
 * ```ts
 * import { printCodec, q8 } from '@lacuna/ir';
 * printCodec(q8(32)); // 'q8(32)'
 * printCodec(q8(64, { zero: true, scale: 'float32' })); // 'q8(64,zero,scale=float32)'
 * ```
 */
export function q8(group: number, options: CodecOptions = {}): Codec {
  return codec(8, group, options);
}

/** Four bits a value, in groups: see {@link q8}. */
export function q4(group: number, options: CodecOptions = {}): Codec {
  return codec(4, group, options);
}

/** `q8(32)`, `q4(16,zero)`, `q8(32,scale=float32)`. */
export function printCodec({ bits, group, zero, scale }: Codec): string {
  const words = [
    group,
    ...(zero ? ['zero'] : []),
    ...(scale === 'float16' ? [] : [`scale=${scale}`]),
  ];
  return `q${bits}(${words.join(',')})`;
}

/**
 * Reads what {@link printCodec} writes.
 *
 * @throws SparseError `format` for anything else.
 */
export function parseCodec(text: string): Codec {
  const [, bits, group, rest = ''] =
    /^\s*q([48])\s*\(\s*(\d+)\s*((?:,[^,()]*)*)\)\s*$/.exec(text) ?? [];
  const words = rest.split(',').map((word) => word.trim());
  const known = ['', 'zero', 'scale=float16', 'scale=float32'];
  if (bits === undefined || !words.every((word) => known.includes(word)))
    throw new SparseError('format', `"${text}" names no codec`, {
      hint: 'write q8(32) or q4(16), with zero or scale=float32 after the group if you want them',
    });
  return codec(bits === '4' ? 4 : 8, Number(group), {
    zero: words.includes('zero'),
    scale: words.includes('scale=float32') ? 'float32' : 'float16',
  });
}
