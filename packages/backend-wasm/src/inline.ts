// Sparsifiers inside kernels: every kernel whose output is dense can drop what is small as soon as it is made, in
// place, so that no mask is formed.
import { sizeOf, valueView, type DType, type Operand, type Sparsifier } from '@lacuna/ir';
import { raised } from './flag.js';
import type { Exports, Stage } from './kernel.js';
import type { Arena, WasmBlock } from './memory.js';

/** Whether a sparsifier goes by the magnitude of each number alone. */
export const takesInline = ({ rule }: Sparsifier, dtype: DType): boolean =>
  dtype === 'float32' && rule?.keeps === 'large' && rule.of === undefined;

/** What runs pruning, and a word that it may write. */
export interface Pruner {
  readonly exports: Exports;
  readonly memory: Arena;
  readonly bind: (stages: readonly Stage[]) => () => void;
  readonly word: number;
}

/** Multiply-adds that a number is worth: it is looked at, and moved. */
const each = 6;

/** Runs a kernel, and then drops what a sparsifier does not keep; throws as it does for what is not finite. */
export function pruning(
  run: () => void,
  how: Sparsifier,
  output: Operand,
  { exports, memory, bind, word }: Pruner,
): () => void {
  const { shape } = output;
  const values = output.values as WasmBlock;
  const { rule } = how;
  const least = rule?.keeps === 'large' ? rule.least : 0;
  const size = sizeOf(shape);
  const args = [least, values.offset, word];
  const drop = bind([{ name: 'drop_small', units: size, args, work: size * each, grain: 1024 }]);
  return () => {
    run();
    if (!raised(exports, word, drop)) return;
    const bytes = memory.view(values);
    how.keep(valueView('float32', bytes.buffer, bytes.byteOffset, size) as Float32Array, shape);
  };
}
