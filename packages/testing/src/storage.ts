// Laws of storing: numbers that are put into a layout are there, bit for bit, or refused.
import {
  assemble,
  countOf,
  fillRoom,
  flatIndex,
  holdsAny,
  patternIn,
  printFormat,
  roomBytes,
  roomFor,
  sizeOf,
  SparseError,
  toDense,
  type FormatLike,
  type Level,
  type Tensor,
} from '@lacuna/ir';
import { claim, type Law } from './law.js';
import { firstDifference, randomNumbers } from './numbers.js';
import { randomPlace, randomSample } from './sample.js';

/** Laws about `assemble` and `toDense`. */
export function storageLaws(like: FormatLike): readonly Law[] {
  return [
    {
      name: 'numbers that are stored read back to the bit, or are refused as lossy',
      run(random) {
        const { format, shape } = randomPlace(random, like);
        const dtype = random.pick(['float32', 'float64', 'int32', 'float16', 'bfloat16'] as const);
        const numbers = randomNumbers(random, sizeOf(shape), { dtype, specials: true });
        const words = `${printFormat(format)} of [${shape.join(', ')}] ${dtype}`;
        const tensor = orLossy(() => assemble(format, shape, numbers, { dtype }));
        claim(
          tensor !== undefined || !holdsAny(format, shape),
          `${words} says that it holds any pattern, and refused one`,
        );
        if (tensor) sameNumbers(tensor, numbers, words);
      },
    },
    {
      name: 'what a layout has stored, it can store again',
      run(random) {
        const { tensor, format, shape, dtype, words } = randomSample(random, like);
        const numbers = toDense(tensor);
        const again = orLossy(() => assemble(format, shape, numbers, { dtype }));
        claim(again !== undefined, `${words}: numbers read from it are refused`);
        sameNumbers(again, numbers, words);
      },
    },
    {
      name: 'the same numbers are stored the same way',
      run(random) {
        const { tensor, format, shape, dtype, words } = randomSample(random, like);
        const [a, b] = [0, 1].map(() => assemble(format, shape, toDense(tensor), { dtype }));
        const at = firstDifference(a!.pattern.structure, b!.pattern.structure);
        claim(at < 0, `${words}: byte ${at} of the structure differs the second time`);
      },
    },
    {
      name: 'zeros that are marked as kept are stored and counted',
      run(random) {
        const { tensor, format, shape, dtype, words } = randomSample(random, like);
        const kept = new Uint8Array(sizeOf(shape));
        for (const flat of flatIndex(tensor.pattern)) if (flat < kept.length) kept[flat] = 1;
        const zeros = new Float64Array(kept.length);
        const stored = orLossy(() => assemble(format, shape, zeros, { dtype, kept }));
        claim(stored !== undefined, `${words}: the places of its own entries are refused`);
        const places = new Set(flatIndex(stored.pattern));
        const lost = kept.findIndex((k, flat) => k === 1 && !places.has(flat));
        claim(
          lost < 0 || isExactlyDense(stored),
          `${words}: the kept zero at ${lost} is not stored`,
        );
        const count = kept.reduce((n, k) => n + k, 0);
        claim(
          !storesEntriesOnly(stored.pattern.levels) || countOf(stored.pattern) === count,
          `${words}: ${count} entries are kept, and ${countOf(stored.pattern)} counted`,
        );
      },
    },
    {
      name: 'a room takes any pattern of its format and shape, and gives it back byte for byte',
      run(random) {
        const { tensor, format, shape, words } = randomSample(random, like);
        const room = roomFor(format, shape);
        if (!room) return;
        const bytes = new Uint8Array(roomBytes(room)).fill(0xa5); // what was there before
        fillRoom(room, tensor.pattern, bytes);
        const again = patternIn(room, bytes);
        const at = firstDifference(again.structure, tensor.pattern.structure);
        claim(at < 0, `${words}: byte ${at} of the structure came back from a room another`);
        const same = again.positions.join() === tensor.pattern.positions.join();
        claim(same, `${words}: its positions came back from a room others`);
      },
    },
  ];
}

const isExactlyDense = (tensor: Tensor): boolean => tensor.stored === sizeOf(tensor.shape);

/** Levels that never store a place which was not asked for. */
function storesEntriesOnly(levels: readonly Level[]): boolean {
  const last = levels.at(-1)?.kind;
  const fills = levels.some((l) => l.kind === 'fixed' || l.kind === 'slot' || l.delta);
  const lists = ['compressed', 'singleton', 'bitmask', 'masked'].some((kind) => kind === last);
  return !fills && lists;
}

/** What `make` gives, or nothing where it refuses as lossy; any other refusal is a mistake. */
export function orLossy(make: () => Tensor): Tensor | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof SparseError && error.code === 'lossy') return undefined;
    throw error;
  }
}

/** Claims that a tensor holds exactly `numbers`; a zero that is not stored may have lost its sign. */
export function sameNumbers(tensor: Tensor, numbers: ArrayLike<number>, words: string): void {
  const got = toDense(tensor);
  claim(
    got.length === numbers.length,
    `${words} reads as ${got.length} numbers of ${numbers.length}`,
  );
  for (let at = 0; at < got.length; at++)
    claim(
      Object.is(got[at], numbers[at]) || (got[at] === 0 && numbers[at] === 0),
      () => `${words}: ${numbers[at]} was stored at ${at}, and ${got[at]} read`,
    );
}
