// Weights and inputs of a product: pruned by the sparsifier that goes with their layout, from a seed.
import {
  assemble,
  bcsr,
  blocks,
  csr,
  dense,
  isDense,
  magnitude,
  nm,
  nmg,
  nmgMagnitude,
  nmMagnitude,
  printFormat,
  SparseError,
  sparsify,
  toDense,
  type Format,
  type Sparsifier,
  type Tensor,
} from '@lacuna/lacuna';
import { Random, seedFor } from '@lacuna/testing';

/** W [M, K] on the host. */
export interface Weights {
  readonly m: number;
  readonly k: number;
  readonly layout: string;
  /** Share of zeros. */
  readonly sparsity: number;
  readonly tensor: Tensor;
  /** Row-major numbers, zeros included. */
  readonly numbers: Float32Array;
}

/** X [K, N]. */
export interface Input {
  readonly k: number;
  readonly n: number;
  readonly numbers: Float32Array;
}

/** Numbers in −1..1. */
export function randomNumbers(count: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count }, () => random.next() * 2 - 1);
}

/** Weights in `format`, pruned to `sparsity`; formats that fix their own share of zeros have that. */
export function makeWeights(
  m: number,
  k: number,
  format: Format,
  sparsity: number,
  seed: number,
): Weights {
  const layout = printFormat(format);
  const full = assemble(dense(), [m, k], randomNumbers(m * k, seedFor(seed, `${m}x${k}`)));
  if (isDense(format)) {
    const numbers = full.values as Float32Array;
    return { m, k, layout, sparsity: 0, tensor: full, numbers };
  }
  const tensor = sparsify(full, sparsifierFor(format, sparsity), format);
  return {
    m,
    k,
    layout,
    sparsity: ownSparsity(format) ?? sparsity,
    tensor,
    numbers: Float32Array.from(toDense(tensor)),
  };
}

/** The share of zeros that a format fixes. */
export function ownSparsity({ layout, params }: Format): number | undefined {
  return layout === nm || layout === nmg ? 1 - params['n']! / params['m']! : undefined;
}

function sparsifierFor({ layout, params }: Format, fraction: number): Sparsifier {
  const { n = 1, m = 1, g = 1, along = 0, group = 1, rows = 1, columns = 1 } = params;
  if (layout === nmg) return nmgMagnitude({ n, m, g, along, group, mode: 'greedy' });
  if (layout === nm) return nmMagnitude({ n, m, along });
  if (layout === bcsr) return blocks({ rows, columns, fraction });
  if (layout === csr || layout.spec.rank === 2) return magnitude({ fraction });
  throw new SparseError('format', `no sparsifier is known for ${layout.layoutName}`, {
    hint: 'name csr, bcsr(v,1), nm(n,m) or nmg(n,m,g)',
  });
}

/** An input from a seed. */
export function makeInput(k: number, n: number, seed: number): Input {
  return { k, n, numbers: randomNumbers(k * n, seedFor(seed, `x${k}x${n}`)) };
}
