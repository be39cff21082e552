// Arithmetic of 16 bits: by emulation on every device, and by the device itself where it has `shader-f16`.
import { createEngine } from '@lacuna/engine';
import { assemble, dense, sparsify, type Tensor } from '@lacuna/ir';
import { magnitude } from '@lacuna/lacuna';
import { csr } from '@lacuna/layouts';
import { matmul } from '@lacuna/ops';
import { boundOf, firstOutside, launch, printFailure, runLaw } from '@lacuna/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { dawn } from '../test/dawn.js';
import { as, halfBoundOf, halfLaw } from '../test/half.js';
import { emulated, float16 } from './kernels/arithmetic.js';
import { halfKernels } from './kernels/index.js';

const seed = Number(process.env['LAWS_SEED'] ?? 1);
const count = Number(process.env['LAWS_CASES'] ?? 8);

const backend = await dawn({ arithmetic: 'float16' });
afterAll(() => backend.dispose());
const native = backend.device.features.has('shader-f16');
const kinds = native ? [emulated, float16] : [emulated];

const row = (numbers: readonly number[]): Tensor =>
  as('float16', assemble(dense(), [1, numbers.length], numbers));
/** A column, twice, so that there are two positions. */
const columns = (numbers: readonly number[]): Tensor =>
  assemble(
    dense(),
    [numbers.length, 2],
    numbers.flatMap((x) => [x, x]),
  );
const ones = (k: number): readonly number[] => Array.from({ length: k }, () => 1);

for (const arithmetic of kinds) {
  const kernels = halfKernels(arithmetic);
  describe(`arithmetic of 16 bits, ${arithmetic.key}:`, () => {
    it.each(kernels.map((kernel) => [kernel.name, kernel] as const))('%s', async (_, kernel) => {
      const failure = await runLaw(halfLaw(backend, kernel), { seed, cases: count });
      expect(failure && printFailure(failure)).toBeUndefined();
    });

    const product = kernels.find(({ name }) => name === 'dense-half-matmul')!;
    const sumOf = async (numbers: readonly number[]): Promise<number> => {
      const inputs = [row(ones(numbers.length)), columns(numbers), undefined];
      return (await launch(backend, product, inputs, matmul.spec.defaults))!.numbers[0]!;
    };
    const far = (at: number, k = 32): number[] =>
      Array.from({ length: k }, (_, i) => (i === 0 ? 2048 : i === at ? 1 : 0));

    it('a sum within a block is rounded to either neighbour', async () => {
      expect([2048, 2050]).toContain(await sumOf(far(1)));
      expect([2048, 2050]).toContain(await sumOf(far(15)));
    });

    it('blocks are added in float32', async () => {
      expect(await sumOf(far(16))).toBe(2049);
    });

    it('x is rounded', async () => {
      expect([2048, 2050]).toContain(await sumOf([2049]));
    });
  });
}

describe('the bound of arithmetic of 16 bits', () => {
  const numbers = (n: number): Float32Array =>
    Float32Array.from({ length: n }, (_, at) => Math.sin(at * at));
  const w = as('float16', assemble(dense(), [24, 256], numbers(24 * 256)));
  const x = assemble(dense(), [256, 8], numbers(256 * 8));

  it('holds where that of float32 does not, and is missed by what is farther off', async () => {
    const bound = halfBoundOf(matmul, [w, x], matmul.spec.defaults);
    const kernel = halfKernels(emulated).find(({ name }) => name === 'dense-half-matmul')!;
    const { numbers: y } = (await launch(
      backend,
      kernel,
      [w, x, undefined],
      matmul.spec.defaults,
    ))!;
    expect(firstOutside(y, bound)).toBe(-1);
    expect(firstOutside(y, boundOf(matmul, [w, x], matmul.spec.defaults))).toBeGreaterThanOrEqual(
      0,
    );
    const shifted = Float32Array.from(y, (v, at) => v + 2 * bound.tolerance[at]!);
    expect(firstOutside(shifted, bound)).toBe(0);
  });
});

describe('an engine', () => {
  it('computes in float16 where it was asked to and the device can, and says which', async () => {
    const weight = as(
      'float16',
      sparsify(
        assemble(
          dense(),
          [8, 64],
          Float32Array.from({ length: 512 }, (_, at) => Math.sin(at)),
        ),
        magnitude({ fraction: 0.5 }),
        csr(),
      ),
    );
    const input = assemble(
      dense(),
      [64, 4],
      Float32Array.from({ length: 256 }, (_, at) => Math.cos(at)),
    );
    const [inputs, { defaults }] = [[weight, input], matmul.spec] as const;
    for (const features of [undefined, []] as const) {
      const own = await dawn({ arithmetic: 'float16', ...(features && { features }) });
      const half = native && !features;
      expect(own.about).toContain(half ? 'float16 arithmetic' : 'float32 arithmetic');
      const engine = await createEngine(own, { fallback: 'refuse' });
      const y = await matmul(engine.put(weight), engine.put(input)).read();
      const bound = (half ? halfBoundOf : boundOf)(matmul, inputs, defaults);
      expect(firstOutside(y, bound)).toBe(-1);
      expect([...own.counters.programs.keys()].some((name) => name === 'csr-half')).toBe(half);
      engine.dispose();
    }
  });
});
