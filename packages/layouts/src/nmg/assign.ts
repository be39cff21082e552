// Which column takes which pattern, for a whole tensor: block by block, in the order of storage.
import { SparseError, sizeOf, stridesOf, type Shape } from '@lacuna/ir';
import { makeBlock, scoreAll, type Block, type NmgParams, type Places } from './block.js';
import { makeGreedy } from './greedy.js';
import { makeMatching } from './matching.js';
import { makeSwaps } from './swaps.js';

/**
 * `greedy`: STen's, to the bit. `swaps`: the greedy, improved by swaps of two columns. `lossless`: the
 * greedy where it drops nothing, else one that drops nothing if there is one.
 */
export type NmgMode = 'greedy' | 'swaps' | 'lossless';

/**
 * The columns of an n:m:g pattern, relative to their chunk, in storage order: what its `crd` holds.
 * `magnitude` is row-major |x|; the tensor is padded with zeros to whole blocks and chunks.
 *
 * @throws SparseError `capacity` where padding would pass what an array can hold.
 * @example
 * ```ts
 * import { assignColumns } from '@lacuna/layouts';
 * const params = { n: 1, m: 2, g: 1, along: 0, group: 1 };
 * assignColumns(params, [2, 2], Float32Array.of(1, 2, 4, 3), 'greedy'); // Uint32Array [1, 0]
 * ```
 */
export function assignColumns(
  params: NmgParams,
  shape: Shape,
  magnitude: Float32Array,
  mode: NmgMode,
): Uint32Array {
  const { m, along, group } = params;
  const block = makeBlock(params);
  const choose = chooser(block, mode);
  const [blocks, chunks] = [Math.ceil(shape[along]! / m), Math.ceil(shape[group]! / block.columns)];
  const batches = batchOffsets(shape, along, group);
  const length = batches.length * chunks * blocks * block.columns;
  if (length > 2 ** 30)
    throw new SparseError(
      'capacity',
      `[${shape.join(', ')}] has ${length} columns after padding to chunks of ${block.columns}`,
      { hint: 'choose a smaller m or g, or split the tensor' },
    );
  const out = new Uint32Array(length);
  const load = loader(block, params, shape, magnitude);
  let at = 0;
  for (const offset of batches) {
    for (let chunk = 0; chunk < chunks; chunk++) {
      for (let b = 0; b < blocks; b++) {
        load(offset, chunk, b);
        choose(out.subarray(at, (at += block.columns)));
      }
    }
  }
  return out;
}

function chooser(block: Block, mode: NmgMode): (places: Places) => void {
  const greedy = makeGreedy(block);
  if (mode === 'greedy') return greedy;
  const then = mode === 'swaps' ? makeSwaps(block) : makeMatching(block);
  return (places) => {
    greedy(places);
    then(places);
  };
}

/** Where each combination of the other dimensions begins, in row-major order. */
function batchOffsets(shape: Shape, along: number, group: number): number[] {
  const strides = stridesOf(shape);
  const others = shape.map((_, dim) => dim).filter((dim) => dim !== along && dim !== group);
  const count = sizeOf(others.map((dim) => shape[dim]!));
  return Array.from({ length: count }, (_, batch) => {
    let [rest, offset] = [batch, 0];
    for (const dim of others.toReversed()) {
      offset += (rest % shape[dim]!) * strides[dim]!;
      rest = Math.floor(rest / shape[dim]!);
    }
    return offset;
  });
}

/** Copies one block of magnitudes, zero past the edges, and has its scores computed. */
function loader(
  block: Block,
  { m, along, group }: NmgParams,
  shape: Shape,
  magnitude: Float32Array,
): (offset: number, chunk: number, b: number) => void {
  const strides = stridesOf(shape);
  const [down, across] = [strides[along]!, strides[group]!];
  const { columns, magnitude: to } = block;
  return (offset, chunk, b) => {
    const rows = Math.min(m, shape[along]! - b * m);
    const width = Math.min(columns, shape[group]! - chunk * columns);
    if (rows < m || width < columns) to.fill(0);
    const origin = offset + b * m * down + chunk * columns * across;
    for (let r = 0; r < rows; r++)
      for (let q = 0, from = origin + r * down; q < width; q++, from += across)
        to[r * columns + q] = magnitude[from]!;
    scoreAll(block);
  };
}
