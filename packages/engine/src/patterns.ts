// What a backend holds of each pattern, once for all tensors that share it: the structure bytes, and the flat
// index and what kernels derive, where some kernel asked. Uploaded when first wanted, freed with the last user.
import {
  flatIndex,
  isDense,
  structureBytes,
  type Block,
  type Derive,
  type Pattern,
} from '@lacuna/ir';

interface Held {
  users: number;
  structure?: Block;
  index?: Block;
  derived?: Map<Derive, Block>;
}

/** How blocks are got and given back. */
export interface Room {
  readonly put: (bytes: ArrayBufferView) => Block;
  readonly free: (block: Block) => void;
}

/** The patterns that a backend holds. */
export class Patterns {
  readonly #held = new Map<Pattern, Held>();
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Counts one user more. Dense patterns have nothing to hold. */
  retain(pattern: Pattern): void {
    if (isDense(pattern.format)) return;
    const held = this.#held.get(pattern);
    if (held) held.users++;
    else this.#held.set(pattern, { users: 1 });
  }

  /** Counts one user less, and frees what is held with the last. */
  release(pattern: Pattern): void {
    if (isDense(pattern.format)) return;
    const held = this.#held.get(pattern);
    if (!held || --held.users > 0) return;
    this.#held.delete(pattern);
    if (held.structure) this.#room.free(held.structure);
    if (held.index) this.#room.free(held.index);
    for (const block of held.derived?.values() ?? []) this.#room.free(block);
  }

  /** Forgets what was uploaded: memory is another. Users stay counted. */
  forget(): void {
    for (const held of this.#held.values()) {
      delete held.structure;
      delete held.index;
      delete held.derived;
    }
  }

  /** The structure of a retained pattern; undefined where it has none. */
  structureOf(pattern: Pattern): Block | undefined {
    if (structureBytes(pattern.buffers) === 0) return undefined;
    const held = this.#held.get(pattern);
    return held && (held.structure ??= this.#room.put(pattern.structure));
  }

  /** Takes over the structure of a retained pattern, which is in this memory already. */
  adopt(pattern: Pattern, structure: Block): void {
    const held = this.#held.get(pattern);
    if (held && !held.structure) held.structure = structure;
    else this.#room.free(structure);
  }

  /** The flat index of a retained pattern; undefined where it is dense. */
  indexOf(pattern: Pattern): Block | undefined {
    const held = this.#held.get(pattern);
    return held && (held.index ??= this.#room.put(flatIndex(pattern)));
  }

  /** What a kernel derives of a retained pattern; undefined where it is dense. */
  derivedOf(pattern: Pattern, derive: Derive): Block | undefined {
    const held = this.#held.get(pattern);
    if (!held) return undefined;
    const all = (held.derived ??= new Map<Derive, Block>());
    let block = all.get(derive);
    if (!block) all.set(derive, (block = this.#room.put(derive(pattern))));
    return block;
  }
}
