// The structure bytes of a pattern that a kernel has made stay in linear memory, which is all that most patterns ever
// need: the host gets a copy when somebody first reads them there.
import { printFormat, SparseError, type Format } from '@lacuna/ir';
import type { Arena, WasmBlock } from './memory.js';

/** What copies structure bytes out; it throws SparseError `disposed` once their block was given back. */
export function structureOf(
  format: Format,
  block: WasmBlock,
  memory: Arena,
  bytes: number,
): () => Uint8Array<ArrayBuffer> {
  return () => {
    if (memory.holds(block)) return memory.view(block).slice(0, bytes);
    throw new SparseError(
      'disposed',
      `the structure of a pattern in ${printFormat(format)} was first read after its tensors were disposed`,
      {
        hint: 'read pattern.structure before, or keep a copy on the host with engine.get(tensor)',
      },
    );
  };
}
