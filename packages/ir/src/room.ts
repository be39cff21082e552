// A room is a pattern before its entries are known: the buffers of a format laid out for the most entries that a
// shape can have. A plan gives it memory once; every run writes another pattern into it.
//
//   csr [2, 3]   room     pos 3 · crd 6      values 6
//                a run    pos 0 2 3 · crd 0 2 1 _ _ _    values a b c _ _ _
import { viewOf, makePattern, sizeOf, type BufferInput, type Pattern } from './pattern.js';
import { buffersOf, positionsOf, structureBytes } from './buffers.js';
import { SparseError } from './error.js';
import { levelsOf, type Format, type Shape } from './layout.js';
import type { Level } from './level.js';
import { printFormat } from './format.js';

/**
 * The room that a format needs for a shape: a pattern with the most positions at every level, and no structure
 * bytes. Undefined where a format is still to be completed from its entries, such as by the width of the widest row,
 * or has its values written by a codec.
 *
 * @throws SparseError `shape` where the layout is not for this rank.
 * @example
 * ```ts
 * import { roomFor, roomBytes } from '@lacuna/ir';
 * import { csr } from '@lacuna/layouts';
 * const room = roomFor(csr(), [2, 3])!;
 * [room.positions, roomBytes(room)]; // [[2, 6], 32]
 * ```
 */
export function roomFor(format: Format, shape: Shape): Pattern | undefined {
  if (format.codec || !isComplete(format, shape)) return undefined;
  const levels = levelsOf(format, shape);
  const positions = count(levels, (level, _, parents) =>
    level.unique ? parents * level.size : sizeOf(shape),
  );
  const buffers = buffersOf(levels, positions);
  const structure = new Uint8Array(0);
  const of = Object.freeze([...shape]);
  return Object.freeze({ format, shape: of, levels, positions, structure, buffers, checksum: 0 });
}

/** Whether entries would leave a format's parameters as they are. */
function isComplete({ layout, params }: Format, shape: Shape): boolean {
  const fit = layout.spec.fit?.(params, shape, []) ?? params;
  return Object.keys(fit).every((name) => fit[name] === params[name]);
}

/** Bytes of structure that a room has. */
export const roomBytes = (room: Pattern): number => structureBytes(room.buffers);

/**
 * Writes a pattern's structure into the bytes of a room.
 *
 * @throws SparseError `capacity` where the pattern is of another shape or format, or has more than the room.
 */
export function fillRoom(room: Pattern, pattern: Pattern, bytes: Uint8Array<ArrayBuffer>): void {
  room.buffers.forEach((spec, k) => {
    const own = pattern.buffers[k];
    if (own?.role !== spec.role || own.type !== spec.type || own.length > spec.length)
      throw new SparseError(
        'capacity',
        `${printFormat(pattern.format)} [${pattern.shape.join(', ')}] does not fit a room for ${printFormat(room.format)} [${room.shape.join(', ')}]`,
        { hint: 'make a room for its format and shape with roomFor' },
      );
    viewOf({ structure: bytes }, spec).set(viewOf(pattern, own));
  });
}

/** The pattern that the bytes of a room hold now, as a pattern of its own: they are copied, no more than it has. */
export function patternIn(room: Pattern, bytes: Uint8Array): Pattern {
  const { format, shape, levels } = room;
  const structure = bytes as Uint8Array<ArrayBuffer>; // only read here, so that shared memory serves too
  const view = (level: number, role: string): ArrayLike<number> | undefined => {
    const spec = room.buffers.find((b) => b.level === level && b.role === role);
    return spec && viewOf({ structure }, spec);
  };
  const positions = count(
    levels,
    (_, k, parents) => (view(k, 'pos') ?? view(k, 'rank'))![parents]!,
  );
  const inputs = buffersOf(levels, positions).map(({ level, role, length }): BufferInput => {
    const data = view(level, role) as Uint32Array;
    return { level, role, data: data.subarray(0, length) };
  });
  return makePattern(format, shape, inputs);
}

/** Positions at each level, where `stored` says those that the level alone does not. */
function count(
  levels: readonly Level[],
  stored: (level: Level, k: number, parents: number) => number,
): readonly number[] {
  const positions: number[] = [];
  levels.forEach((level, k) => {
    const parents = k === 0 ? 1 : positions[k - 1]!;
    positions.push(positionsOf(level, parents) ?? stored(level, k, parents));
  });
  return Object.freeze(positions);
}
