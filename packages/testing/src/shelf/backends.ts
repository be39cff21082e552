// Broken backends: the reference backend with one thing wrong.
import type { Backend, Memory } from '@lacuna/ir';
import { reference } from '@lacuna/reference';
import { backendLaws } from '../backends.js';
import type { ShelfEntry } from './entry.js';

/** The memory of a sound backend, with some of it replaced. */
function broken(
  name: string,
  rejectedBy: string,
  change: (sound: Memory) => Partial<Pick<Memory, 'alloc' | 'free' | 'part'>>,
): ShelfEntry {
  const make = async (limit: number): Promise<Backend> => {
    const sound = await reference({ limit });
    const { memory } = sound;
    const changed: Memory = {
      get used() {
        return memory.used;
      },
      limit: memory.limit,
      alloc: (bytes) => memory.alloc(bytes),
      free: (block) => memory.free(block),
      part: (block, offset, bytes) => memory.part(block, offset, bytes),
      write: (block, bytes) => memory.write(block, bytes),
      read: (block, bytes) => memory.read(block, bytes),
      ...change(memory),
    };
    return { ...sound, memory: changed };
  };
  return { name, rejectedBy, laws: backendLaws(make) };
}

/** Backends that the laws must reject. */
export const brokenBackends: readonly ShelfEntry[] = [
  broken('it never frees', 'a thousand rounds leave nothing behind', () => ({ free: () => {} })),
  broken(
    'it gives out a block that is still in use',
    'blocks hold what is written to them, whatever else is allocated and freed',
    (sound) => {
      const one = sound.alloc(8192);
      return { alloc: () => one, free: () => {} };
    },
  ),
  broken(
    'it throws a RangeError when it is full',
    'a full memory refuses with capacity, unchanged, and works on',
    (sound) => ({
      alloc(bytes) {
        if (bytes > sound.limit) throw new RangeError('Array buffer allocation failed');
        return sound.alloc(bytes);
      },
    }),
  ),
  broken('its parts are copies', 'a part of a block is a range of its bytes', (sound) => ({
    part: (_, _offset, bytes) => sound.alloc(bytes),
  })),
];
