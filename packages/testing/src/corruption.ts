// Laws of damage: whatever happens to one buffer of a pattern, `check` finds it.
//
//   in place    a pattern whose bytes were written to: found by its checksum, if not before
//   remade      a pattern made from wrong buffers, as a file may have them: found by what is wrong
import {
  bufferOf,
  check,
  makePattern,
  SparseError,
  viewOf,
  type BufferInput,
  type BufferSpec,
  type FormatLike,
  type IndexArray,
  type Pattern,
} from '@lacuna/ir';
import { claim, type Law } from './law.js';
import type { Random } from './random.js';
import { randomSample } from './sample.js';

/** Laws about `check`. */
export function corruptionLaws(like: FormatLike): readonly Law[] {
  return [
    {
      name: 'check finds every change to one buffer in place',
      run(random) {
        const { tensor, words } = randomSample(random, like);
        const { pattern } = tensor;
        for (const spec of pattern.buffers)
          for (const [what, damage] of Object.entries(damages))
            inPlace(
              pattern,
              spec,
              `${words}: ${what} in ${spec.role} of level ${spec.level}`,
              (view) => damage(view, random),
            );
        check(pattern);
      },
    },
    {
      name: 'check finds what is wrong in buffers that were made wrong',
      run(random) {
        const { tensor, words } = randomSample(random, like);
        const { pattern } = tensor;
        for (const [what, inputs] of lies(pattern, random)) {
          claim(
            isCorrupt(() => check(makePattern(pattern.format, pattern.shape, inputs))),
            `${words}: ${what} is not found`,
          );
        }
      },
    },
  ];
}

const damages: Readonly<Record<string, (view: IndexArray, random: Random) => void>> = {
  'a flipped bit'(view, random) {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    bytes[random.whole(0, bytes.length - 1)]! ^= 1 << random.whole(0, 7);
  },
  'an element at its maximum'(view, random) {
    view[random.whole(0, view.length - 1)] = 2 ** 32 - 1;
  },
  'two elements exchanged'(view, random) {
    const at = random.whole(0, view.length - 1);
    const other = view.findIndex((x) => x !== view[at]);
    if (other >= 0) [view[at], view[other]] = [view[other]!, view[at]!];
  },
  zeros: (view) => void view.fill(0),
};

function inPlace(
  pattern: Pattern,
  spec: BufferSpec,
  words: string,
  damage: (view: IndexArray) => void,
): void {
  const view = viewOf(pattern, spec);
  if (view.length === 0) return;
  const before = view.slice();
  damage(view);
  const found = view.every((x, at) => x === before[at]) || isCorrupt(() => check(pattern));
  view.set(before);
  claim(found, `${words} is not found`);
}

function isCorrupt(run: () => void): boolean {
  try {
    run();
    return false;
  } catch (error) {
    if (error instanceof SparseError && error.code === 'corrupt') return true;
    throw error;
  }
}

type Lie = readonly [what: string, inputs: readonly BufferInput[]];

/** Wrong buffers that are wrong in one thing each. */
function* lies(pattern: Pattern, random: Random): Generator<Lie> {
  const good = pattern.buffers.map((spec): BufferInput => ({
    level: spec.level,
    role: spec.role,
    data: Float64Array.from(viewOf(pattern, spec)),
  }));
  const lie = (what: string, which: number, change: (data: number[]) => void): Lie => {
    const { role, level } = good[which]!;
    const data = Array.from(good[which]!.data);
    change(data);
    return [`${what} in ${role} of level ${level}`, good.with(which, { level, role, data })];
  };
  for (const [which, spec] of pattern.buffers.entries()) {
    const { length, role } = spec;
    const level = pattern.levels[spec.level]!;
    const at = random.whole(0, length - 1);
    // A table that the layout's parameters fix is not taken from anybody's buffers.
    if (length === 0 || (role === 'table' && level.by?.data)) continue;
    yield lie('an element missing', which, (data) => data.pop());
    yield lie('an element too many', which, (data) => data.push(data.at(-1)!));
    yield [`${role} of level ${spec.level} missing`, good.toSpliced(which, 1)];
    if (role === 'pos' || role === 'rank') {
      yield lie('a start that is not 0', which, (data) => (data[0] = 1));
      if (length > 2) {
        const inner = 1 + (at % (length - 2));
        yield lie('a bound after the next', which, (data) => (data[inner] = data[inner + 1]! + 1));
        if (role === 'rank') yield lie('a count off by one', which, (data) => data[inner]!++);
      }
    }
    if (role === 'mask' && level.size % 8 > 0)
      yield lie(
        'a bit past the last coordinate',
        which,
        (data) => (data[Math.ceil(level.size / 8) - 1]! |= 128),
      );
    // Of a mask without counts every other mask is as good.
    if (role === 'mask' && level.kind === 'bitmask')
      yield lie('a bit flipped', which, (data) => (data[at]! ^= 1 << random.whole(0, 7)));
    if (role === 'crd' || role === 'table') {
      const limit = role === 'crd' ? (level.by?.of ?? level.size) : level.size;
      const most = 2 ** (spec.type === 'uint8' ? 8 : spec.type === 'uint16' ? 16 : 32) - 1;
      if (limit <= most)
        yield lie('a coordinate past its level', which, (data) => (data[at] = limit));
    }
    if (role === 'table' && level.kind === 'dense' && level.size > 1)
      yield lie('a coordinate twice', which, (data) => (data[1] = data[0]!));
    if (role === 'crd' && level.unique && level.kind !== 'singleton' && !level.delta) {
      const q = neighbour(pattern, spec);
      if (q > 0) yield lie('a coordinate twice', which, (data) => (data[q] = data[q - 1]!));
    }
  }
}

/** A position whose predecessor is under the same parent, 0 where there is none. */
function neighbour(pattern: Pattern, { level: k, length }: BufferSpec): number {
  const level = pattern.levels[k]!;
  if (level.kind === 'fixed') return level.count! > 1 && length > 1 ? 1 : 0;
  const pos = bufferOf(pattern, k, 'pos');
  for (let p = 1; p < pos.length; p++) if (pos[p]! - pos[p - 1]! > 1) return pos[p - 1]! + 1;
  return 0;
}
