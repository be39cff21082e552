// Memory for something that is made in several steps: all of it, or nothing.
import type { Arena, WasmBlock } from './memory.js';

/** Runs `make` with what allocates blocks; where it throws, they are given back. */
export function taking<T>(memory: Arena, make: (take: (bytes: number) => WasmBlock) => T): T {
  const taken: WasmBlock[] = [];
  try {
    return make((bytes) => {
      const block = memory.alloc(Math.max(1, bytes));
      taken.push(block);
      return block;
    });
  } catch (error) {
    for (const block of taken) memory.free(block);
    throw error;
  }
}
