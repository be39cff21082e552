// Sparsifiers inside kernels: every kernel whose output is dense can drop what is small as soon as it is made, in
// place, so that no mask is formed.
import { sizeOf, valueView, type DType, type Operand, type Sparsifier } from '@lacuna/ir';
import type { Exports } from './kernel.js';
import type { Arena, WasmBlock } from './memory.js';

/** Whether a sparsifier goes by the magnitude of each number alone. */
export const takesInline = ({ rule }: Sparsifier, dtype: DType): boolean =>
  dtype === 'float32' && rule?.keeps === 'large' && rule.of === undefined;

/** Runs a kernel, and then drops what a sparsifier does not keep; throws as it does for what is not finite. */
export function pruning(
  run: () => void,
  how: Sparsifier,
  output: Operand,
  exports: Exports,
  memory: Arena,
): () => void {
  const { shape } = output;
  const values = output.values as WasmBlock;
  const { rule } = how;
  const least = rule?.keeps === 'large' ? rule.least : 0;
  const [size, y] = [sizeOf(shape), values.offset];
  return () => {
    run();
    const at = exports['drop_small']!(0, size, least, y);
    if (at === size) return;
    const bytes = memory.view(values);
    how.keep(valueView('float32', bytes.buffer, bytes.byteOffset, size) as Float32Array, shape);
  };
}
