// What is larger than a binding is cut: with a limit of 64 KiB in place of the device's, products of a dense W, and
// linear of any layout, are within the same bound.
import {
  assemble,
  dense,
  encoded,
  encodeValues,
  makeTensor,
  printFormat,
  q4,
  q8,
  sizeOf,
  SparseError,
  type Format,
  type Tensor,
} from '@lacuna/ir';
import { bcsr, bitmask, csc, csr, ell, nm, nmg } from '@lacuna/layouts';
import { matmul } from '@lacuna/ops';
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

const formats = [csr(), bcsr(4, 1), bcsr(4, 4), bitmask(), ell(161), csc(), nm(2, 4), nmg(2, 4, 8)];
const named = formats.map((format) => [printFormat(format), format] as const);
/** W in a format: numbers where it holds any pattern of so many zeros in ten, else its own pattern of zeros, filled. */
function sparse(format: Format, shape: readonly number[], zeros: number): Tensor {
  const { layout } = format;
  if (layout !== nm && layout !== nmg) return assemble(format, shape, numbers(shape, zeros));
  const { pattern, stored } = assemble(format, shape, new Float32Array(sizeOf(shape)));
  return makeTensor(pattern, 'float32', numbers([stored]));
}
const kernelFor = ({ layout }: Format): string =>
  backend.kernels.find(({ op, takes }) => op === matmul && takes[0] === layout)?.name ??
  'any-matmul';

async function within(
  name: string,
  inputs: readonly (Tensor | undefined)[],
  given: object = {},
): Promise<void> {
  const kernel = kernelOf(name);
  const attrs = { ...kernel.op.spec.defaults, ...given };
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
  const long = matrix(65, 300);
  it('x of [K, N] past the limit is seen through spans', async () => {
    await within('dense-matmul', [matrix(8, 65), long, undefined]);
    for (const format of formats)
      await within(kernelFor(format), [sparse(format, [8, 65], 8), long, matrix(8)]);
  });
  it.each(named)('values, structure and y of %s past the limit', async (_, format) => {
    const w = sparse(format, [200, 230], 3);
    await within(kernelFor(format), [w, matrix(230, 12), matrix(200)]);
    await within(kernelFor(format), [w, matrix(230, 1), undefined]);
    await within(kernelFor(format), [sparse(format, [999, 20], 8), matrix(20, 40), undefined]);
  });
  it('a dense W of [K, M] past the limit is packed into spans', async () => {
    const attrs = { transposeA: true };
    await within('dense-matmul', [matrix(65, 331), matrix(65, 12), matrix(331)], attrs);
    await within('dense-matmul', [half(matrix(65, 600)), matrix(65, 1), undefined], attrs);
  });
  it.each([q8(32), q4(16), q8(5, { zero: true })])('a dense W in a codec', async (codec) => {
    const [rows, columns] = [331, codec.bits === 8 ? 260 : 510];
    const w = encoded(matrix(rows, columns), codec);
    await within('dense-matmul', [w, matrix(columns, 9), matrix(rows)]);
    await within('dense-matmul', [w, matrix(columns, 1), undefined]);
  });
  it('what takes more bindings than there are is refused, with both', async () => {
    const x = matrix(65, 2600);
    const refused = within('dense-matmul', [matrix(8, 65), x, undefined]);
    await expect(refused).rejects.toThrow(SparseError);
    await expect(refused).rejects.toThrow(/65536 bytes, and the GPU has/);
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
