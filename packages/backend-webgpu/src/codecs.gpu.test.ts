// Products read values as they are stored: numbers of 16 bits, and what a codec wrote, for W in every layout. The
// bound is that of float32 arithmetic on the decoded numbers, since nothing is rounded on the way.
import {
  anyLayout,
  encoded,
  encodeValues,
  decodeValues,
  makeTensor,
  q4,
  q8,
  type CodecOptions,
  type DType,
  type Kernel,
  type Op,
  type Tensor,
} from '@lacuna/ir';
import { layouts } from '@lacuna/layouts';
import { linear, matmul } from '@lacuna/ops';
import {
  boundOf,
  cases,
  claimWithin,
  launch,
  printFailure,
  randomCall,
  runLaw,
  type Law,
  type Random,
} from '@lacuna/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { dawn } from '../test/dawn.js';

const seed = Number(process.env['LAWS_SEED'] ?? 1);
const count = Number(process.env['LAWS_CASES'] ?? 3);

const backend = await dawn();
afterAll(() => backend.dispose());

type Store = (random: Random, tensor: Tensor) => Tensor;

const as =
  (dtype: DType): Store =>
  (_, { pattern, values }) =>
    makeTensor(pattern, dtype, encodeValues(dtype, decodeValues('float32', values)));

const group = (random: Random): number => random.pick([1, 2, 3, 4, 5, 8, 16, 32]);
const options = (random: Random): CodecOptions => ({
  zero: random.chance(0.5),
  scale: random.pick(['float16', 'float32']),
});
/** Small numbers have scales below the least normal half. */
const shrunk = (random: Random, { pattern, values }: Tensor): Tensor => {
  const factor = random.pick([1, 2 ** -10]);
  return makeTensor(
    pattern,
    'float32',
    Float32Array.from(values, (x) => x * factor),
  );
};

const kinds: Readonly<Record<string, Store>> = {
  float16: as('float16'),
  bfloat16: as('bfloat16'),
  q8: (random, t) => encoded(shrunk(random, t), q8(group(random), options(random))),
  q4: (random, t) => encoded(shrunk(random, t), q4(group(random), options(random))),
};

/** The law of a kernel with operand `k` stored in another way, and x sometimes in 16 bits. */
function law(kernel: Kernel, k: number, store: Store): Law {
  const { op, takes } = kernel;
  return {
    name: 'results are within the bound of float32 arithmetic',
    async run(random) {
      for (let attempt = 0; attempt < 30; attempt++) {
        const call = randomCall(random, op, cases.get(op)!, {
          layouts: takes.map((layout) => (layout === anyLayout ? layouts : [layout])),
        });
        const inputs = call.inputs.map((t, at) => {
          if (!t || at > 1) return t;
          if (at === k) return store(random, t);
          return random.chance(0.2) ? as('float16')(random, t) : t;
        });
        const launched = await launch(backend, kernel, inputs, call.attrs);
        if (!launched) continue;
        const words = inputs.map((t) => t?.toString()).join(', ');
        claimWithin(launched.numbers, boundOf(op, inputs, call.attrs), `${call.words} of ${words}`);
        return;
      }
    },
  };
}

for (const [op, k] of [
  [matmul, 0],
  [linear, 1],
] as readonly (readonly [Op, number])[])
  for (const kernel of backend.kernels.filter((each) => each.op === op && each.codecs))
    describe(`${kernel.name} with W in`, () => {
      for (const [kind, store] of Object.entries(kinds))
        it(kind, async () => {
          const failure = await runLaw(law(kernel, k, store), { seed, cases: count });
          expect(failure && printFailure(failure)).toBeUndefined();
        });
    });
