// Products read values as they are stored: numbers of 16 bits, and what a codec wrote, for W in every layout. The
// bound is that of float32 arithmetic on the decoded numbers, since nothing is rounded on the way.
import { createEngine } from '@lacuna/engine';
import {
  anyLayout,
  assemble,
  dense,
  GraphBuilder,
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
import { csr, layouts } from '@lacuna/layouts';
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
import type { WebgpuBackend } from './index.js';

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

describe('an engine gives kernels what a codec wrote', () => {
  const w = encoded(
    assemble(
      csr,
      [32, 64],
      Float32Array.from({ length: 32 * 64 }, (_, at) => (at % 5 === 0 ? Math.sin(at) : 0)),
    ),
    q8(32),
  );
  const x = assemble(
    dense(),
    [64, 8],
    Float32Array.from({ length: 64 * 8 }, (_, at) => Math.cos(at)),
  );
  const bound = boundOf(matmul, [w, x], matmul.spec.defaults);

  it('eagerly, as they are, until other values are written', async () => {
    const engine = await createEngine(dawn(), { fallback: 'refuse' });
    const { counters } = engine.backend as WebgpuBackend;
    const [weight, input] = [engine.put(w), engine.put(x)];
    counters.reset();
    const y = matmul(weight, input);
    claimWithin(await y.read(), bound, 'matmul of csr+q8(32)');
    const bytes = [...counters.programs.values()].reduce((sum, each) => sum + each.bytes, 0);
    expect(bytes).toBeLessThanOrEqual(1.05 * (w.bytes + x.bytes + y.stored * 4));
    expect((await engine.get(weight)).toString()).toBe(w.toString());
    engine.write(
      weight,
      w.values.map((value) => -value),
    );
    const negated = await matmul(weight, input).read();
    expect([...negated]).toEqual([...(await y.read())].map((value) => -value));
    engine.dispose();
  });

  it('compiled, so that constants take the bytes of the codec', async () => {
    const engine = await createEngine(dawn(), { fallback: 'refuse' });
    const plain = makeTensor(w.pattern, 'float32', w.values);
    const bytes = [];
    for (const weight of [w, plain]) {
      const builder = new GraphBuilder();
      const ids = [builder.constant(weight), builder.input('x', x.shape, x.format), undefined];
      const y = builder.apply(matmul, ids, matmul.spec.defaults);
      const compiled = engine.compile(builder.finish({ y }));
      claimWithin((await compiled.run({ x: x.values })).y!, bound, 'compiled');
      bytes.push(compiled.constantBytes);
      compiled.dispose();
    }
    expect(bytes[1]! - bytes[0]!).toBeGreaterThanOrEqual(
      plain.stored * 4 - w.storage.encoded!.bytes.length - 512,
    );
    engine.dispose();
  });
});
