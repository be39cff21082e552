// Laws of value codecs: what is written reads back within half a step, zero is exact, and bytes are counted.
import {
  codecBytes,
  decodeGroups,
  encodeGroups,
  encoded,
  describe,
  parseFormat,
  printCodec,
  printFormat,
  restore,
  sameFormat,
  stepsOf,
  encodedTensor,
  toDense,
  type Codec,
  type Descriptor,
  type Layout,
} from '@lacuna/ir';
import { halfSteps } from './bound.js';
import { claim, type Law } from './law.js';
import { firstDifference, randomNumbers } from './numbers.js';
import type { Random } from './random.js';
import { randomSample } from './sample.js';

/** What writes numbers and reads them: that of a {@link Codec}, or another. */
export interface ValueCodec {
  readonly name: string;
  readonly bytes: (count: number) => number;
  readonly encode: (numbers: ArrayLike<number>) => Uint8Array;
  readonly decode: (bytes: Uint8Array, count: number) => ArrayLike<number>;
  /** The step of each value. */
  readonly steps: (bytes: Uint8Array, count: number) => ArrayLike<number>;
}

/** A codec of Lacuna as a {@link ValueCodec}. */
export function valueCodec(codec: Codec): ValueCodec {
  return {
    name: printCodec(codec),
    bytes: (count) => codecBytes(codec, count),
    encode: (numbers) => encodeGroups(codec, numbers),
    decode: (bytes, count) => decodeGroups(codec, bytes, count),
    steps: (bytes, count) => stepsOf(codec, bytes, count),
  };
}

/** What every value codec must keep to. */
export function valueCodecLaws(make: (random: Random) => ValueCodec): readonly Law[] {
  const some = (random: Random): { codec: ValueCodec; numbers: Float64Array } => {
    const numbers = randomNumbers(random, random.whole(0, 200), { density: 0.8 });
    const scale = 2 ** random.whole(-6, 6);
    return { codec: make(random), numbers: Float64Array.from(numbers, (x) => x * scale) };
  };
  return [
    {
      name: 'what a codec writes reads back within half a step',
      run(random) {
        const { codec, numbers } = some(random);
        const bytes = codec.encode(numbers);
        const got = codec.decode(bytes, numbers.length);
        const allowed = halfSteps(codec.steps(bytes, numbers.length), got);
        const at = numbers.findIndex((x, e) => !(Math.abs(x - got[e]!) <= allowed[e]!));
        claim(
          at < 0,
          () => `${codec.name}: ${numbers[at]} reads as ${got[at]}, past ${allowed[at]}`,
        );
      },
    },
    {
      name: 'a codec keeps zeros',
      run(random) {
        const { codec, numbers } = some(random);
        const got = codec.decode(codec.encode(numbers), numbers.length);
        const at = numbers.findIndex((x, e) => x === 0 && got[e] !== 0);
        claim(at < 0, () => `${codec.name}: the zero at ${at} reads as ${got[at]}`);
      },
    },
    {
      name: 'a codec says how many bytes it writes, and writes the same ones again',
      run(random) {
        const { codec, numbers } = some(random);
        const [a, b] = [codec.encode(numbers), codec.encode(numbers)];
        const said = codec.bytes(numbers.length);
        claim(a.length === said, `${codec.name}: ${a.length} bytes, ${said} said`);
        claim(firstDifference(a, b) < 0, `${codec.name}: other bytes the second time`);
      },
    },
  ];
}

/** What tensors in a codec must keep to, in layouts. */
export function quantisedLaws(
  make: (random: Random) => Codec,
  layouts: readonly Layout[],
): readonly Law[] {
  return [
    {
      name: 'a codec changes the values of a tensor by half a step at most, and nothing else',
      run(random) {
        const { tensor, words } = randomSample(random, random.pick(layouts), {
          dtypes: ['float32'],
        });
        const codec = make(random);
        const t = encoded(tensor, codec);
        claim(t.pattern === tensor.pattern, `${words} in ${printCodec(codec)} has another pattern`);
        const { bytes } = t.storage.encoded!;
        const allowed = halfSteps(stepsOf(codec, bytes, t.stored), t.values);
        const at = t.values.findIndex((x, e) => !(Math.abs(x - tensor.values[e]!) <= allowed[e]!));
        claim(at < 0, () => `${t.toString()}: ${tensor.values[at]} reads as ${t.values[at]}`);
        claim(
          t.bytes === bytes.byteLength + t.pattern.structure.byteLength,
          `${t.toString()} says ${t.bytes} bytes`,
        );
      },
    },
    {
      name: 'a tensor in a codec prints, parses and survives its description',
      run(random) {
        const layout = random.pick(layouts);
        const { tensor } = randomSample(random, layout, { dtypes: ['float32'] });
        const t = encoded(tensor, make(random));
        const text = printFormat(t.format);
        const again = parseFormat(text, [layout]);
        claim(sameFormat(again, t.format), `${text} reads as ${printFormat(again)}`);
        const descriptor = JSON.parse(JSON.stringify(describe(t))) as Descriptor;
        const pattern = restore(descriptor, t.pattern.structure, [layout]);
        claim(descriptor.codec !== undefined, `${text}: its description names no codec`);
        const back = encodedTensor(pattern, t.storage.encoded!);
        claim(firstDifference(toDense(back), toDense(t)) < 0, `${text}: other numbers came back`);
      },
    },
  ];
}
