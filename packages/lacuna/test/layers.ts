// Random layers for tests of plans, and what a plan runs.
import { Random } from '@lacuna/testing';
import {
  assemble,
  dense,
  magnitude,
  nmg,
  nmgMagnitude,
  sparsify,
  type FormatLike,
  type Sparsifier,
  type Tensor,
} from '../src/index.js';

const random = new Random(Number(process.env['LAWS_SEED'] ?? 1), 1);

/** Dense numbers in −1..1. */
export const numbers = (...shape: number[]): Tensor =>
  assemble(
    dense,
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.next() * 2 - 1),
  );

/** n:m:g, as {@link weight} prunes to it. */
export const grouped = nmg(2, 4, 8);
const sparsifiers = new Map<FormatLike, Sparsifier>([
  [grouped, nmgMagnitude({ n: 2, m: 4, g: 8 })],
]);

/** Half of such numbers in a layout. */
export const weight = (layout: FormatLike, ...shape: number[]): Tensor =>
  sparsify(numbers(...shape), sparsifiers.get(layout) ?? magnitude({ fraction: 0.5 }), layout);

/** The steps of a plan, by the names of their kernels. */
export const runs = (text: string): readonly string[] =>
  [...text.matchAll(/^run [^:]*: (\S+)/gm)].map(([, kernel]) => kernel!);
