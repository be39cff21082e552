// Dense to n:m:g: the greedy assignment bit for bit, what it keeps, and plain n:m along the same dimension.
import {
  assemble,
  bufferOf,
  check,
  dense,
  preservedMagnitude,
  sparsify,
  toDense,
  type Shape,
  type Tensor,
} from '@lacuna/ir';
import { nm, nmg, patternOrder, type NmgParams } from '@lacuna/layouts';
import { nmMagnitude, nmgMagnitude } from '@lacuna/sparsifiers';
import { close, same } from './compare.ts';
import type { Fields } from './fields.ts';

/** The parameters of a file: STen's `sparse_dim` is `along`, its `group_dim` is `group`. */
export function paramsOf(file: Fields): NmgParams {
  return {
    n: file.number('n'),
    m: file.number('m'),
    g: file.number('g'),
    along: file.number('sparse_dim'),
    group: file.number('group_dim'),
  };
}

export function runNmg(file: Fields): string {
  const params = paramsOf(file);
  const shape = file.numbers('shape');
  const tensor = assemble(dense(), shape, file.floats('dense'));
  file
    .rows('order')
    .forEach((pattern, p) =>
      same(`order[${p}]`, patternOrder(params.n, params.m)[p] ?? [], pattern),
    );
  const ours = sparsify(tensor, nmgMagnitude({ ...params, mode: 'greedy' }), nmg(params));
  sameStorage(ours, params, file);
  const numbers = file.floats('to_dense');
  same('to_dense', toDense(ours), numbers);
  close(
    'preserved_magnitude',
    [preservedMagnitude(tensor, ours)],
    [file.number('preserved_magnitude')],
    1e-6,
  );

  const packed = assemble(nmg(params), shape, numbers);
  check(packed.pattern);
  same('to_dense, packed by the layout alone', toDense(packed), numbers);
  const swapped = sparsify(tensor, nmgMagnitude(params), nmg(params));
  if (preservedMagnitude(tensor, swapped) < preservedMagnitude(tensor, ours) - 1e-12)
    throw new Error('swaps keep less than the greedy');

  const parts = 'order, values, indices, shapes, to_dense, preserved magnitude, lossless packing';
  if (!file.has('perfect')) return parts;
  const kept = samePerfect(tensor, params, file.object('perfect'));
  if (file.has('perfect_preserved_magnitude'))
    close(
      'perfect_preserved_magnitude',
      [kept],
      [file.number('perfect_preserved_magnitude')],
      1e-6,
    );
  return `${parts}, plain n:m`;
}

/** Compares values, indices and shapes of an n:m:g tensor with `val`, `idx` and the rest of a file. */
export function sameStorage(ours: Tensor, { n, m }: NmgParams, file: Fields): void {
  const { levels, positions } = ours.pattern;
  const [chunk, block, slot, column] = levels.slice(-5);
  const [patterns, g] = [slot!.size, column!.count!];
  const merged = positions.at(-4)!; // batches × chunks × blocks
  same('val', ours.values, file.floats('val'));
  same('idx', bufferOf(ours.pattern, levels.length - 2, 'crd'), file.numbers('idx'));
  same('val_shape', [merged, patterns, g, n], file.numbers('val_shape'));
  same('idx_shape', [merged, patterns, g, 1], file.numbers('idx_shape'));
  const sizes: Readonly<Record<string, readonly number[]>> = {
    chunk_size: [patterns],
    num_chunks: [chunk!.size],
    num_blocks: [block!.size],
    merged_shape: [merged, patterns, g, m],
    padded_shape: ours.shape.map((extent, dim) => {
      if (dim === block!.binds[0]!.dim) return block!.size * m;
      return dim === chunk!.binds[0]!.dim ? chunk!.size * patterns * g : extent;
    }),
  };
  for (const [field, size] of Object.entries(sizes)) {
    if (!file.has(field)) continue;
    same(field, size, size.length === 1 ? [file.number(field)] : file.numbers(field));
  }
}

/** Compares plain n:m with a file's `perfect`; the share of the magnitude that it keeps. */
function samePerfect(tensor: Tensor, { n, m, along }: NmgParams, file: Fields): number {
  const ours = sparsify(tensor, nmMagnitude({ n, m, along }), nm(n, m, along));
  same('perfect.to_dense', toDense(ours), file.floats('to_dense'));
  const { val, idx, shape } = descending(ours, n, along);
  same('perfect.val_shape', shape, file.numbers('val_shape'));
  same('perfect.idx_shape', shape, file.numbers('idx_shape'));
  same('perfect.val', val, file.floats('val'));
  same('perfect.idx', idx, file.numbers('idx'));
  return preservedMagnitude(tensor, ours);
}

/** An n:m tensor in STen's order: [.. before, block, place, after ..], places by descending magnitude. */
function descending(
  ours: Tensor,
  n: number,
  along: number,
): { val: Float64Array; idx: Uint32Array; shape: Shape } {
  const { levels, shape } = ours.pattern;
  const crd = bufferOf(ours.pattern, levels.length - 1, 'crd');
  const blocks = levels.at(-2)!.size;
  const inner = shape.slice(along + 1).reduce((a, b) => a * b, 1);
  const lanes = crd.length / (blocks * n); // row-major over the other dimensions
  const val = new Float64Array(crd.length);
  const idx = new Uint32Array(crd.length);
  for (let lane = 0; lane < lanes; lane++) {
    const [outer, after] = [Math.floor(lane / inner), lane % inner];
    for (let block = 0; block < blocks; block++) {
      const first = (lane * blocks + block) * n;
      const places = Array.from({ length: n }, (_, t) => first + t).sort(
        (a, b) => Math.abs(ours.values[b]!) - Math.abs(ours.values[a]!) || crd[a]! - crd[b]!,
      );
      places.forEach((place, t) => {
        const to = ((outer * blocks + block) * n + t) * inner + after;
        val[to] = ours.values[place]!;
        idx[to] = crd[place]!;
      });
    }
  }
  return { val, idx, shape: [...shape.slice(0, along), blocks, n, ...shape.slice(along + 1)] };
}
