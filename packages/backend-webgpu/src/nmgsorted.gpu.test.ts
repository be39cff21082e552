// n:m:g over sorted columns: as many blocks as K has columns for, rows that are no multiple of them, K that ends in a
// chunk, x in tiles and not; and what a card takes in its place. The table is a permutation of the columns.
import { assemble, bufferOf, dense, encoded, q8, sparsify, type Tensor } from '@lacuna/ir';
import { nmgMagnitude } from '@lacuna/lacuna';
import { nmg } from '@lacuna/layouts';
import { matmul } from '@lacuna/ops';
import { boundOf, claim, claimWithin, launch } from '@lacuna/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { dawn } from '../test/dawn.js';
import { sortedColumns, tableOf, tableWords } from './kernels/nmgtable.js';

const [processor, card] = [await dawn({ tiles: 'register' }), await dawn({ tiles: 'shared' })];
afterAll(() => [processor, card].forEach((backend) => backend.dispose()));

type Params = readonly [n: number, m: number, g: number];
type Case = readonly [params: Params, m: number, k: number, columns: number, blocks: number];

const cases: readonly Case[] = [
  [[1, 2, 1], 5, 32, 4, 2],
  [[1, 2, 3], 13, 64, 8, 3],
  [[1, 4, 16], 23, 128, 128, 2],
  [[1, 4, 16], 25, 530, 20, 3],
  [[1, 3, 5], 20, 222, 64, 3],
  [[2, 4, 8], 17, 300, 128, 2],
  [[2, 4, 1], 8, 289, 12, 2],
  [[1, 8, 16], 40, 512, 64, 2],
  [[3, 4, 2], 9, 130, 7, 2],
  [[2, 8, 4], 17, 230, 68, 1],
  [[1, 16, 8], 33, 200, 8, 1],
];

function weight([n, m, g]: Params, rows: number, k: number): Tensor {
  const numbers = Float32Array.from({ length: rows * k }, (_, at) => Math.sin(at * at) + 1.5);
  return sparsify(assemble(dense(), [rows, k], numbers), nmgMagnitude({ n, m, g }), nmg(n, m, g));
}

describe.each(cases)('nmg(%j), %i × %i, %i columns', (params, m, k, n, blocks) => {
  const plain = weight(params, m, k);
  it(`${blocks} blocks share columns, each of which is there once`, () => {
    const table = tableOf(plain);
    expect(table?.blocks).toBe(blocks);
    if (!table) return;
    const { head, bits, place, column, patterns, g } = table;
    const words = sortedColumns(plain.pattern);
    const groups = Math.ceil(Math.ceil(m / params[1]) / blocks);
    const size = tableWords(table, k);
    expect(words.length).toBe(groups * size);
    const held = bufferOf(plain.pattern, 3, 'crd').byteLength;
    expect(words.byteLength).toBeLessThanOrEqual(1.05 * (held + plain.values.byteLength));
    for (let group = 0; group < groups; group++) {
      const own = words.slice(group * size + head, (group + 1) * size);
      const columns = Array.from({ length: k }, (_, q) => {
        const word = bits === 32 ? own[q]! : (own[q >> 1]! >>> ((q & 1) * 16)) & 0xffff;
        const [at, chunk] = [word >>> (blocks * place), word >>> (blocks * place + column)];
        return chunk * patterns * g + (at & (2 ** column - 1));
      });
      expect(columns.toSorted((a, b) => a - b)).toEqual(Array.from({ length: k }, (_, j) => j));
    }
  });

  it('is within the bound, on a processor and as a card takes it', async () => {
    const x = assemble(
      dense(),
      [k, n],
      Float32Array.from({ length: k * n }, (_, at) => Math.cos(at)),
    );
    const bias = assemble(
      dense(),
      [m],
      Float32Array.from({ length: m }, (_, at) => at),
    );
    for (const backend of [processor, card])
      for (const w of [plain, encoded(plain, q8(4))]) {
        const kernel = backend.kernels.find(({ name }) => name === 'nmg-matmul')!;
        const inputs = [w, x, bias];
        const launched = await launch(backend, kernel, inputs, matmul.spec.defaults);
        claim(launched!.unwritten < 0, `number ${launched!.unwritten} is not written`);
        claim(launched!.trespass === undefined, `it writes outside: ${launched!.trespass}`);
        claimWithin(launched!.numbers, boundOf(matmul, inputs, matmul.spec.defaults), w.toString());
      }
  });
});
