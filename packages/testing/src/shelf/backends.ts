// Broken backends: the reference backend with one thing wrong in its memory.
import type { Block } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { HostMemory, reference, type HostBlock } from '@lacuna/reference';
import { backendLaws } from '../backends.js';
import type { ShelfEntry } from './entry.js';

class NeverFrees extends HostMemory {
  override free(): void {}
}

class OneForAll extends HostMemory {
  readonly #one = super.alloc(8192);
  override alloc(): HostBlock {
    return this.#one;
  }
  override free(): void {}
}

class RangeErrors extends HostMemory {
  override alloc(bytes: number): HostBlock {
    if (bytes > this.limit) throw new RangeError('Array buffer allocation failed');
    return super.alloc(bytes);
  }
}

class PartsAreCopies extends HostMemory {
  override part(_: Block, _offset: number, bytes: number): HostBlock {
    return this.alloc(bytes);
  }
}

function broken(name: string, rejectedBy: string, Memory: typeof HostMemory): ShelfEntry {
  const laws = backendLaws(async (limit) => {
    const memory = new Memory(limit);
    return { ...(await reference()), memory, dispose: () => memory.dispose() };
  });
  return { name, rejectedBy, laws };
}

/** Backends that the laws must reject. */
export const brokenBackends: readonly ShelfEntry[] = [
  broken('it never frees', 'a thousand rounds leave nothing behind', NeverFrees),
  broken(
    'it gives out a block that is still in use',
    'blocks hold what is written to them, whatever else is allocated and freed',
    OneForAll,
  ),
  broken(
    'it throws a RangeError when it is full',
    'a full memory refuses with capacity, unchanged, and works on',
    RangeErrors,
  ),
  broken('its parts are copies', 'a part of a block is a range of its bytes', PartsAreCopies),
  {
    name: 'it packs values where their pattern would have to be found',
    rejectedBy:
      'formats that values of a plan are packed in hold any matrix, and need no structure',
    laws: backendLaws(async () => ({ ...(await reference()), packed: [csr()] })),
  },
];
