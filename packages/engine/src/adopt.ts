// What a block must be, to become the values of a tensor.
import {
  byteWidth,
  ensureSound,
  SparseError,
  valueCount,
  type Block,
  type DType,
  type Memory,
  type Pattern,
  type Shape,
} from '@lacuna/ir';

/** Throws `shape`, `home`, `capacity` or `corrupt` where a block cannot hold the values of a pattern. */
export function checkAdopted(
  memory: Memory,
  block: Block,
  shape: Shape,
  pattern: Pattern,
  dtype: DType,
): void {
  if (pattern.shape.join() !== shape.join())
    throw new SparseError(
      'shape',
      `a pattern of [${pattern.shape.join(', ')}] was given for a tensor of [${shape.join(', ')}]`,
    );
  const count = valueCount(pattern);
  const bytes = count * byteWidth(dtype);
  memory.part(block, 0, 0); // refuses blocks of others
  if (block.bytes < bytes)
    throw new SparseError(
      'capacity',
      `${count} values of ${dtype} take ${bytes} bytes, and the block has ${block.bytes}`,
      { hint: 'pass a larger block, or the shape of what is in it' },
    );
  ensureSound(pattern);
}
