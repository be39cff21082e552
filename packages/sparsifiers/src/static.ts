// Patterns that are fixed before training and look at no number: a mask of one's own, and the flat block
// butterfly of Pixelated Butterfly (Dao et al., 2022): block row r meets block columns r and r xor 2^i.
//
//     size 4, factors 2       # # # .
//                             # # . #
//                             # . # #
//                             . # # #
import { SparseError, sizeOf, sparsifier, type Shape, type Sparsifier } from '@lacuna/ir';
import { checkWhole } from './check.js';

/**
 * Keeps the places of a mask, whatever the numbers are.
 *
 * @throws SparseError `shape` for a tensor of another size.
 * @example
 * ```ts
 * import { fixedMask } from '@lacuna/sparsifiers';
 * fixedMask(Uint8Array.of(1, 0)).keep(Float32Array.of(0, 7), [2]); // Uint8Array [1, 0]
 * ```
 */
export function fixedMask(mask: ArrayLike<number>, name = 'fixedMask'): Sparsifier {
  const bytes = Uint8Array.from(mask, (k) => Number(k !== 0));
  const ones = bytes.reduce((a, b) => a + b, 0);
  const places = (shape: Shape): Uint8Array => {
    if (sizeOf(shape) === bytes.length) return bytes.slice();
    throw new SparseError(
      'shape',
      `${name} has ${bytes.length} places, and the tensor is [${shape.join(', ')}]`,
      { hint: 'make the mask for this shape' },
    );
  };
  return sparsifier({
    name,
    kind: 'streaming',
    params: {},
    count: () => ones,
    rule: { keeps: 'fixed', of: places },
    keep: (_, shape) => places(shape),
  });
}

/** What {@link butterfly} is told. */
export interface ButterflyOptions {
  /** Rows and columns of a block. */
  readonly block: number;
  /** Block rows and columns of the butterfly, a power of two; it is stretched to the tensor. */
  readonly size: number;
  /** How many of its log₂ size factors. */
  readonly factors: number;
}

/**
 * Keeps the blocks of a flat block butterfly of the last two dimensions. Goes with `bcsr(block, block)`.
 *
 * @throws SparseError `unsupported` for sizes that are no butterfly's; `shape` below two dimensions.
 * @example
 * ```ts
 * import { butterfly } from '@lacuna/sparsifiers';
 * butterfly({ block: 1, size: 4, factors: 1 }).keep(new Float32Array(16), [4, 4]); // Uint8Array [1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1]
 * ```
 */
export function butterfly({ block, size, factors }: ButterflyOptions): Sparsifier {
  checkWhole('butterfly', { block, size }, 1);
  const log = Math.log2(size);
  if (!Number.isInteger(log))
    throw new SparseError('unsupported', `butterfly was given size = ${size}`, {
      hint: 'write a power of two',
    });
  checkWhole('butterfly', { factors }, 0, log);
  const meet = (r: number, c: number): boolean => {
    const apart = r ^ c;
    return apart === 0 || ((apart & (apart - 1)) === 0 && Math.log2(apart) < factors);
  };
  const mask = (shape: Shape): Uint8Array => {
    const [height, width] = shape.slice(-2);
    if (height === undefined || width === undefined)
      throw new SparseError(
        'shape',
        `butterfly cuts the last two dimensions, and the shape is [${shape.join(', ')}]`,
        {
          hint: 'reshape the tensor to two dimensions or more',
        },
      );
    const [down, across] = [Math.ceil(height / block), Math.ceil(width / block)];
    const stretched = (at: number, extent: number): number =>
      Math.floor((Math.floor(at / block) * size) / extent);
    return Uint8Array.from({ length: sizeOf(shape) }, (_, at) => {
      const [row, column] = [Math.floor(at / width) % height, at % width];
      return Number(meet(stretched(row, down), stretched(column, across)));
    });
  };
  return sparsifier({
    name: 'butterfly',
    kind: 'streaming',
    params: { block, size, factors },
    rule: { keeps: 'fixed', of: mask },
    keep: (_, shape) => mask(shape),
    count: (shape) => mask(shape).reduce((a, b) => a + b, 0),
  });
}
