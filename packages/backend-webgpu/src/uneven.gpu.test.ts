// Rows that are not alike are cut by work: a matrix with one row, or one column, that holds most of its entries is
// within the same bound as any other, whatever its layout, and gives the same bits each time.
import { assemble, dense, encoded, q8, type Tensor } from '@lacuna/ir';
import { coo, csr } from '@lacuna/layouts';
import { activations, linear, type MatmulAttrs } from '@lacuna/ops';
import {
  boundOf,
  claim,
  claimWithin,
  launch,
  printFailure,
  runLaw,
  type Random,
} from '@lacuna/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { dawn } from '../test/dawn.js';
import { countsOf, isUneven, pieceOf } from './kernels/uneven.js';

const seed = Number(process.env['LAWS_SEED'] ?? 1);
const count = Number(process.env['LAWS_CASES'] ?? 6);

const backend = await dawn();
afterAll(() => backend.dispose());

const numbers = (random: Random, size: number): Float32Array =>
  Float32Array.from({ length: size }, () => random.next() * 2 - 1);

/** A matrix with one row of many entries, and few elsewhere; or its transpose. */
function skewed(random: Random, layout: typeof csr, turned: boolean): Tensor {
  const [m, k] = [random.whole(8, 40), random.whole(200, 700)];
  const full = random.whole(0, m - 1);
  const rest = random.pick([0, 0.01, 0.05]);
  const out = new Float32Array(m * k);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < k; j++)
      if (random.chance(i === full ? 0.9 : rest))
        out[turned ? j * m + i : i * k + j] = random.next();
  const tensor = assemble(layout, turned ? [k, m] : [m, k], out);
  return random.chance(0.3) ? encoded(tensor, q8(4)) : tensor;
}

const names = ['csr-matmul', 'csr-linear', 'any-matmul', 'any-linear', 'any-turned-matmul'];

describe.each(names)('%s', (name) => {
  const kernel = backend.kernels.find((each) => each.name === name)!;
  const turned = name === 'any-turned-matmul';
  it('keeps to the bound where one row holds most entries, with the same bits each time', async () => {
    const failure = await runLaw(
      {
        name,
        async run(random) {
          const w = skewed(random, name.startsWith('csr') ? csr : coo, turned);
          const counts = countsOf(w.pattern, turned);
          claim(isUneven(counts), `${w.toString()} is not uneven`);
          const n = random.pick([1, 2, 4, 7, 33, 128]);
          claim(counts.stored > pieceOf(counts, n), 'there is one piece');
          const [m, k] = turned ? [w.shape[1]!, w.shape[0]!] : [w.shape[0]!, w.shape[1]!];
          const transposeB = random.chance(0.5);
          const isLinear = kernel.op === linear;
          const shape = isLinear || transposeB ? [n, k] : [k, n];
          const x = assemble(dense(), shape, numbers(random, n * k));
          const bias = random.chance(0.5) ? assemble(dense(), [m], numbers(random, m)) : undefined;
          const activation = random.pick(activations);
          const attrs = isLinear
            ? { activation }
            : ({ transposeA: turned, transposeB, activation } satisfies MatmulAttrs);
          const inputs = isLinear ? [x, w, bias] : [w, x, bias];
          const first = await launch(backend, kernel, inputs, attrs);
          const again = await launch(backend, kernel, inputs, attrs);
          const words = `${w.toString()} times ${n}`;
          claim(first?.trespass === undefined, `${words} writes outside: ${first?.trespass}`);
          claim(first!.unwritten < 0, `${words} leaves number ${first!.unwritten} unwritten`);
          claimWithin(first!.numbers, boundOf(kernel.op, inputs, attrs), words);
          expect(again!.numbers).toEqual(first!.numbers);
        },
      },
      { seed, cases: count },
    );
    expect(failure && printFailure(failure)).toBeUndefined();
  });
});

describe('what is cut', () => {
  it.each([
    ['even rows', { longest: 80, rows: 100, stored: 7000 }, false],
    ['short rows', { longest: 60, rows: 1000, stored: 1000 }, false],
    ['one long row', { longest: 5000, rows: 100, stored: 10000 }, true],
    ['no rows', { longest: 0, rows: 0, stored: 0 }, false],
  ] as const)('%s', (_, counts, expected) => {
    expect(isUneven(counts)).toBe(expected);
  });
});
