// The one function that knows which buffers a layout has. A pattern's structure is one allocation;
// each buffer starts at a multiple of 16 bytes, so that SIMD code may read whole vectors.
import { byteWidth, indexTypeFor, type IndexType } from './dtype.js';
import type { Level } from './level.js';

/** What a buffer holds: segment bounds, coordinates, bits, counts before a row of bits, or a table. */
export type BufferRole = 'pos' | 'crd' | 'mask' | 'rank' | 'table';

/** One buffer of a pattern's structure. */
export interface BufferSpec {
  readonly level: number;
  readonly role: BufferRole;
  readonly type: IndexType;
  /** Elements. */
  readonly length: number;
  /** Bytes from the start of the structure. */
  readonly offset: number;
}

/** Bytes in a row of bits. */
export const maskBytes = (size: number): number => Math.ceil(size / 8);

// Not `& ~15`: sizes from files may pass 2^31, and must not wrap into small ones.
const align = (bytes: number): number => Math.ceil(bytes / 16) * 16;

/**
 * The buffers of a structure, in order. `positions[k]` is how many positions level k has; for levels
 * other than compressed and bitmask it follows from the level above (see {@link positionsOf}).
 */
export function buffersOf(
  levels: readonly Level[],
  positions: readonly number[],
): readonly BufferSpec[] {
  const specs: BufferSpec[] = [];
  let offset = 0;
  const add = (level: number, role: BufferRole, type: IndexType, length: number): void => {
    specs.push({ level, role, type, length, offset });
    offset = align(offset + length * byteWidth(type));
  };
  levels.forEach((level, k) => {
    const parents = k === 0 ? 1 : positions[k - 1]!;
    const stored = positions[k]!;
    switch (level.kind) {
      case 'dense':
        if (level.by) add(k, 'table', indexTypeFor(level.size), tableLength(levels, level));
        return;
      case 'slot':
      case 'range':
        return;
      case 'compressed':
        add(k, 'pos', 'uint32', parents + 1);
        return add(k, 'crd', level.width, stored);
      case 'singleton':
        return add(k, 'crd', level.width, stored);
      case 'bitmask':
        add(k, 'mask', 'uint8', parents * maskBytes(level.size));
        return add(k, 'rank', 'uint32', parents + 1);
      case 'masked':
        return add(k, 'mask', 'uint8', parents * maskBytes(level.size));
      case 'fixed':
        if (level.by) add(k, 'table', indexTypeFor(level.size), tableLength(levels, level));
        if (!level.by || level.by.of !== undefined) add(k, 'crd', level.width, stored);
        return;
      default:
        return level.kind satisfies never;
    }
  });
  return specs;
}

/** Bytes of a whole structure. */
export function structureBytes(specs: readonly BufferSpec[]): number {
  const last = specs.at(-1);
  return last ? align(last.offset + last.length * byteWidth(last.type)) : 0;
}

/** Entries of the table through which `level` reads its coordinate. */
export function tableLength(levels: readonly Level[], level: Level): number {
  const by = level.by!;
  const outer = by.over.reduce((n, name) => n * levels.find((l) => l.name === name)!.size, 1);
  return outer * (by.of ?? level.count ?? level.size);
}

/**
 * Positions of level k under `parents` positions, where the levels alone say it; undefined for
 * compressed and bitmask levels, whose count is in the data.
 */
export function positionsOf(level: Level, parents: number): number | undefined {
  switch (level.kind) {
    case 'dense':
    case 'slot':
    case 'masked':
    case 'range':
      return parents * level.size;
    case 'fixed':
      return parents * level.count!;
    case 'singleton':
      return parents;
    case 'compressed':
    case 'bitmask':
      return undefined;
    default:
      return level.kind satisfies never;
  }
}
