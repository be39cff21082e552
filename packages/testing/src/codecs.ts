// Laws of number types: what is stored reads back, and what is not representable goes to the nearest.
import { decodeValues, dtypes, encodeValues, unitRoundoff, type DType } from '@lacuna/ir';
import { claim, type Law } from './law.js';
import { same } from './numbers.js';

const halves: readonly DType[] = ['float16', 'bfloat16'];

/** What the codecs of all dtypes must keep to. */
export function codecLaws(): readonly Law[] {
  return [
    {
      name: 'a number that was decoded encodes to a number of the same bits',
      run(random) {
        const dtype = random.pick(halves);
        const bits = Uint16Array.from({ length: 256 }, () => random.whole(0, 0xffff));
        bits[0] = 0;
        const numbers = decodeValues(dtype, bits);
        const again = decodeValues(dtype, encodeValues(dtype, numbers));
        const at = numbers.findIndex((x, e) => !same(x, again[e]!));
        claim(
          at < 0,
          () => `${dtype} 0x${bits[at]!.toString(16)} is ${numbers[at]}, and ${again[at]} again`,
        );
      },
    },
    {
      name: 'encoding is off by at most the unit roundoff, and zero keeps its sign',
      run(random) {
        const dtype = random.pick(dtypes.filter((d) => d !== 'int32'));
        const numbers = [
          0,
          -0,
          ...Array.from({ length: 64 }, () =>
            Math.fround((random.next() - 0.5) * 2 ** random.whole(-12, 12)),
          ),
        ];
        const got = decodeValues(dtype, encodeValues(dtype, numbers));
        numbers.forEach((x, at) => {
          const off = Math.abs(got[at]! - x);
          const near = off <= unitRoundoff(dtype) * Math.abs(x) + smallest(dtype) / 2;
          claim(near && (x !== 0 || same(x, got[at]!)), `${x} is ${got[at]} in ${dtype}`);
        });
      },
    },
  ];
}

/** The least number above zero. */
export function smallest(dtype: DType): number {
  return {
    float32: 2 ** -149,
    float64: 2 ** -1074,
    int32: 1,
    float16: 2 ** -24,
    bfloat16: 2 ** -133,
  }[dtype];
}
