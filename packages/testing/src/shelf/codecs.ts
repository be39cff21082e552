// Broken value codecs: bytes with a scale first, which each round in a way of their own.
import { q8 } from '@lacuna/ir';
import { valueCodec, valueCodecLaws, type ValueCodec } from '../quantised.js';
import type { ShelfEntry } from './entry.js';

const sound = valueCodec(q8(8, { scale: 'float32' }));

const broken = (name: string, rejectedBy: string, change: Partial<ValueCodec>): ShelfEntry => ({
  name,
  laws: valueCodecLaws(() => ({ ...sound, ...change, name })),
  rejectedBy,
});

/** Value codecs that the laws must reject. */
export const brokenCodecs: readonly ShelfEntry[] = [
  broken(
    'a codec that cuts off instead of rounding',
    'what a codec writes reads back within half a step',
    {
      encode(numbers) {
        const bytes = sound.encode(numbers);
        const got = sound.decode(bytes, numbers.length);
        for (let at = 0; at < numbers.length; at++)
          if (Math.abs(got[at]!) > Math.abs(numbers[at]!)) bytes[at]! -= Math.sign(got[at]!);
        return bytes;
      },
    },
  ),
  broken('a codec whose grid has no zero', 'a codec keeps zeros', {
    decode: (bytes, count) => {
      const [got, steps] = [sound.decode(bytes, count), sound.steps(bytes, count)];
      return Float32Array.from(got, (x, at) => x + steps[at]! / 3);
    },
  }),
  broken(
    'a codec that forgets the bytes of its scales',
    'a codec says how many bytes it writes, and writes the same ones again',
    { bytes: (count) => count },
  ),
];
