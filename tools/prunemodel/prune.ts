// Weights pruned one by one, and how each is kept in a file: bits and float16 where that is smaller than float16 alone.
import {
  assemble,
  bitmask,
  dense,
  parseSparsifier,
  preservedMagnitude,
  sizeOf,
  sparsify,
  toDense,
  type Shape,
  type Tensor,
} from '@lacuna/lacuna';

type Weights = Readonly<Record<string, Tensor>>;

/** A weight of any rank as a matrix: outputs come first in a graph. */
const matrix = (shape: Shape): [number, number] => {
  const [rows = 1] = shape;
  return [rows, sizeOf(shape) / Math.max(1, rows)];
};

/** The weights, those of `least` numbers and more pruned; a line is told for each. */
export function pruned(
  weights: Weights,
  how: string,
  least: number,
  tell: (line: string) => void,
): Weights {
  const sparsifier = parseSparsifier(how);
  const after: Record<string, Tensor> = { ...weights };
  for (const [name, weight] of Object.entries(weights)) {
    const { shape, dtype } = weight;
    if (shape.length < 2 || sizeOf(shape) < least || dtype === 'int32') continue;
    const before = assemble(dense, matrix(shape), toDense(weight));
    const left = sparsify(before, sparsifier, dense);
    after[name] = left;
    const share = toDense(left).filter((x) => x !== 0).length / sizeOf(shape);
    const kept = preservedMagnitude(before, left);
    tell(
      `${shape.join('×').padEnd(16)} ${(100 * share).toFixed(1).padStart(5)} % stay, ${(100 * kept).toFixed(1)} % of Σ|w|  ${name}`,
    );
  }
  return after;
}

/** Each weight as it is saved. */
export function stored(weights: Weights): Map<string, Tensor> {
  return new Map(
    Object.entries(weights).map(([name, weight]) => {
      if (weight.dtype === 'int32') return [name, weight];
      const numbers = toDense(weight);
      const plain = assemble(dense, weight.shape, numbers, { dtype: 'float16' });
      const bits = assemble(bitmask, matrix(weight.shape), numbers, { dtype: 'float16' });
      return [name, bits.bytes < plain.bytes ? bits : plain];
    }),
  );
}
