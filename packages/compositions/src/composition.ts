// A composition is a sum or a product of tensors that stands for one tensor, and is never written out:
//
//     W = S + U·V          sumOf(s, productOf(u, v))         sparse + low rank
//     W = B₈·B₄·B₂·B₁      productOf(...butterflies)         a fast transform
//
// It is data, like a layout: parts and how they are combined. What can be done with it follows from its parts.
import {
  SparseError,
  printFormat,
  sizeOf,
  type Apart,
  type Home,
  type Shape,
  type Tensor,
} from '@lacuna/ir';
import { composing } from './home.js';

/** How parts are combined: added up, or multiplied as matrices in their order. */
export type Combine = 'sum' | 'product';

/** A tensor, or a composition in its turn. */
export type Part = Tensor | Composition;

/**
 * Parts that stand for one matrix. Ops take it where they take a tensor: `linear(x, w)`, `matmul(w, x)`. Made by
 * {@link sumOf} and {@link productOf}.
 */
export class Composition {
  readonly combine: Combine;
  readonly parts: readonly Part[];
  readonly shape: Shape;

  constructor(combine: Combine, parts: readonly Part[], shape: Shape) {
    [this.combine, this.parts, this.shape] = [combine, Object.freeze([...parts]), shape];
    Object.freeze(this);
  }
  get home(): Home {
    return composing;
  }
  apart(): Apart {
    const { combine, parts } = this;
    return {
      parts: Object.fromEntries(parts.map((part, at) => [`${combine}(${at})`, part])),
      joined: (others) => composition(combine, others as readonly Part[]),
    };
  }
  toString(): string {
    return printComposition(this);
  }
}

/** Whether a weight is composed, or one tensor. */
export function isComposition(part: Part): part is Composition {
  return 'combine' in part;
}

/**
 * A composition of parts.
 *
 * @throws SparseError `shape` where parts do not fit together, or are no matrices.
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { composition, printComposition } from '@lacuna/compositions';
 * const [u, v] = [assemble(dense, [3, 1], [1, 2, 3]), assemble(dense, [1, 4], [1, 0, 0, 1])];
 * printComposition(composition('product', [u, v])); // 'dense·dense [3, 4], 7 stored'
 * composition('product', [u, u]); // throws shape: a product of [3, 1] and [3, 1] was composed; …
 * ```
 */
export function composition(combine: Combine, parts: readonly Part[]): Composition {
  const [first, last] = [parts[0], parts.at(-1)];
  if (!first || !last)
    throw new SparseError('shape', `a ${combine} of nothing was composed`, {
      hint: 'give it one part at least',
    });
  parts.forEach((part, at) => {
    const before = parts[at - 1];
    const fits =
      !before ||
      (combine === 'sum'
        ? before.shape.join() === part.shape.join()
        : before.shape[1] === part.shape[0]);
    if (part.shape.length === 2 && fits) return;
    const shapes = (before ? [before, part] : [part]).map((p) => `[${p.shape.join(', ')}]`);
    throw new SparseError('shape', `a ${combine} of ${shapes.join(' and ')} was composed`, {
      hint:
        combine === 'sum'
          ? 'give it matrices of one shape'
          : 'give it matrices, each with as many rows as the one before has columns',
      detail: { part: at },
    });
  });
  const shape = combine === 'sum' ? first.shape : [first.shape[0]!, last.shape[1]!];
  return new Composition(combine, parts, shape);
}

/** `W = A + B + …` */
export function sumOf(...parts: readonly Part[]): Composition {
  return composition('sum', parts);
}

/** `W = A·B·…`, matrices in the order in which they are written. */
export function productOf(...parts: readonly Part[]): Composition {
  return composition('product', parts);
}

/** Every tensor of a composition, in order. */
export function tensorsOf(part: Part): readonly Tensor[] {
  return isComposition(part) ? part.parts.flatMap(tensorsOf) : [part];
}

/**
 * The same composition of other tensors: copies in an engine, or the values after a step.
 *
 * @throws SparseError `shape` where they no longer fit together.
 */
export function mapParts<P extends Part>(part: P, change: (tensor: Tensor) => Tensor): P;
export function mapParts(part: Part, change: (tensor: Tensor) => Tensor): Part {
  if (!isComposition(part)) return change(part);
  return composition(
    part.combine,
    part.parts.map((p) => mapParts(p, change)),
  );
}

/** Stored values of all parts. */
export function storedOf(part: Part): number {
  return tensorsOf(part).reduce((sum, t) => sum + t.stored, 0);
}

/** Bytes of all parts. */
export function bytesOfParts(part: Part): number {
  return tensorsOf(part).reduce((sum, t) => sum + t.bytes, 0);
}

/** `csr + dense·dense [64, 64], 612 stored` */
export function printComposition(part: Part): string {
  return `${formula(part)} [${part.shape.join(', ')}], ${storedOf(part)} stored`;
}

function formula(part: Part): string {
  if (!isComposition(part)) return printFormat(part.format);
  const words = part.parts.map((p) => {
    const loose = part.combine === 'product' && isComposition(p) && p.combine === 'sum';
    return loose ? `(${formula(p)})` : formula(p);
  });
  return words.join(part.combine === 'sum' ? ' + ' : '·');
}

/** Bytes of a dense tensor of the same shape over those of the parts: how much smaller it is. */
export function savingOf(part: Part): number {
  return (sizeOf(part.shape) * 4) / Math.max(1, bytesOfParts(part));
}
