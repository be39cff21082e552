// What is larger than a binding is cut: with a limit of 64 KiB in place of the device's, products of a dense W, and
// linear of any layout, are within the same bound.
import { assemble, dense, encodeValues, makeTensor, SparseError, type Tensor } from '@lacuna/ir';
import { bcsr, csr } from '@lacuna/layouts';
import { boundOf, claim, claimWithin, launch } from '@lacuna/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { dawn } from '../test/dawn.js';
import { rangesOf } from './kernels/ranges.js';

const backend = await dawn({ maxBinding: 2 ** 16 });
afterAll(() => backend.dispose());

const numbers = (shape: readonly number[], zeros = 0): Float32Array =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) =>
    (at * 7) % 10 < zeros ? 0 : Math.sin(at + 1),
  );
const matrix = (...shape: readonly number[]): Tensor => assemble(dense(), shape, numbers(shape));
const half = ({ pattern, values }: Tensor): Tensor =>
  makeTensor(pattern, 'float16', encodeValues('float16', values));
const kernelOf = (name: string) => backend.kernels.find((each) => each.name === name)!;

async function within(name: string, inputs: readonly (Tensor | undefined)[]): Promise<void> {
  const kernel = kernelOf(name);
  const { defaults: attrs } = kernel.op.spec;
  const launched = await launch(backend, kernel, inputs, attrs);
  claim(launched?.trespass === undefined, `it writes outside: ${launched?.trespass}`);
  claim(launched!.unwritten < 0, `number ${launched!.unwritten} is not written`);
  claimWithin(launched!.numbers, boundOf(kernel.op, inputs, attrs), name);
}

describe('with bindings of 64 KiB', () => {
  it('a dense W of 84 KiB is multiplied by ranges of rows', async () => {
    await within('dense-matmul', [matrix(331, 65), matrix(65, 12), matrix(331)]);
    await within('dense-matmul', [matrix(331, 64), matrix(64, 1), undefined]);
    await within('dense-matmul', [half(matrix(331, 130)), matrix(130, 9), matrix(331)]);
  });
  it('linear of a dense W, of x and of y past the limit is cut along both', async () => {
    await within('dense-linear', [matrix(701, 100), matrix(200, 100), matrix(200)]);
    await within('dense-linear', [half(matrix(257, 64)), matrix(200, 64), undefined]);
  });
  it.each([
    ['csr-linear', csr],
    ['rows-linear', bcsr(4, 1)],
  ] as const)('%s takes positions in ranges', async (name, layout) => {
    const w = assemble(layout, [48, 20], numbers([48, 20], 8));
    await within(name, [matrix(999, 20), w, matrix(48)]);
  });
  it('what cannot be cut is refused, with the limit', async () => {
    const x = matrix(65, 300);
    await expect(within('dense-matmul', [matrix(8, 65), x, undefined])).rejects.toThrow(
      SparseError,
    );
    await expect(within('dense-matmul', [matrix(8, 65), x, undefined])).rejects.toThrow(/65536/);
  });
});

describe('ranges', () => {
  it.each([
    [10, [4], 1000],
    [1000, [4, 100], 6400],
    [1000, [260, 12], 2 ** 15],
    [129, [2048, 4], 2 ** 18],
  ])('%i rows of %j bytes in bindings of %i', (count, bytes, most) => {
    const ranges = rangesOf(count, bytes, most);
    expect(ranges.map(([from]) => from)).toEqual([0, ...ranges.slice(0, -1).map(([, to]) => to)]);
    expect(ranges.at(-1)![1]).toBe(count);
    for (const [from, to] of ranges)
      for (const each of bytes) {
        expect((to - from) * each).toBeLessThanOrEqual(most);
        expect((from * each) % 256).toBe(0);
      }
  });
  it('are one where not even a step of rows fits', () => {
    expect(rangesOf(100, [1001], 4096)).toEqual([[0, 100]]);
  });
});
